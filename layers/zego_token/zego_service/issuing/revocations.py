"""Revocations: users and rooms for which no tokens are issued until a given time."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zego_service.clock import Clock, Instant
from zego_service.errors import (
    NotEntitledError,
    OutageError,
    RevocationsUnavailableError,
    TooManyRevocationsError,
)
from zego_service.table import Table, reporting

if TYPE_CHECKING:
    from zego_service.clients import Item

READ_SECONDS = 5  # a revocation takes effect in every process after this time at the latest
MAX_ACTIVE = 1000  # all are read with one request and held in memory
MAX_BY_USERS = 500  # of them, so that users cannot keep services from revoking


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """No tokens for a user, for a room, or for a user in a room. Times are Unix seconds.

    ``by_user`` is whether a user set it, and not a service.
    """

    app_id: int
    user_id: str | None
    room_id: str | None
    until: int
    created_at: int
    created_by: str
    by_user: bool = False

    @property
    def target(self) -> tuple[str | None, str | None]:
        """The user and the room."""
        return self.user_id, self.room_id

    def covers(self, user_id: str, opens_room: str | None) -> bool:
        """Whether it forbids a token of this user for this room; None stands for every room.

        A token without a room opens every room, so a revocation of its user anywhere covers it. The
        same holds for a token for ZIM, which looks the same to ZEGO. A revocation of a whole room does
        not cover it: it would cover every such token of the app.
        """
        if self.user_id is not None and self.user_id != user_id:
            return False
        if self.room_id is None:
            return True
        return self.room_id == opens_room or (opens_room is None and self.user_id is not None)


@dataclass(frozen=True, slots=True)
class _Read:
    active: tuple[Revocation, ...]
    at: Instant


class Revocations:
    """The revocations of an app, read as a whole at most every five seconds.

    Every method raises :class:`RevocationsUnavailableError` where the table cannot be used. Only
    :meth:`check` goes on with the last ones it read, if there are any.
    """

    def __init__(self, table: Table, clock: Clock = Instant.now) -> None:
        self._table = table
        self._clock = clock
        self._reads: dict[int, _Read] = {}
        self._failed: set[int] | None = None

    def check(self, app_id: int, user_id: str, opens_room: str | None, now: Instant) -> None:
        """Raise :class:`NotEntitledError` where a revocation covers a token of this user and room."""
        for revocation in self._active(app_id, now):
            if revocation.until > now.wall and revocation.covers(user_id, opens_room):
                field = "room_id" if revocation.user_id is None else "user_id"
                raise NotEntitledError(f"revoked until {revocation.until}", field, "revoked")

    @contextmanager
    def asking_once(self) -> Iterator[None]:
        """Do not repeat a query inside that failed: what asks there is one request."""
        self._failed = set()
        try:
            yield
        finally:
            self._failed = None

    def read_ahead(self, app_id: int, now: Instant) -> None:
        """Read an app's revocations before they are asked for. What fails is not remembered."""
        with suppress(OutageError):
            self._reads[app_id] = _Read(self._read(app_id, now), now)

    def put(self, revocation: Revocation, now: Instant) -> None:
        """Store a revocation; it replaces one of the same user and room.

        Raises :class:`TooManyRevocationsError` where a new one is too many: for users, or for all.
        """
        active = {each.target: each for each in self.in_force(revocation.app_id, now)}
        before = active.get(revocation.target)
        if before is None:
            _check_number(active.values(), by_user=revocation.by_user)
        by_user = revocation.by_user and (before is None or before.by_user)
        item: Item = {
            **_key(revocation.app_id, revocation.user_id, revocation.room_id),
            "until": {"N": str(revocation.until)},
            "created_at": {"N": str(revocation.created_at)},
            "created_by": {"S": revocation.created_by},
            "by_user": {"BOOL": by_user},
            "expires_at": {"N": str(revocation.until)},
        }
        with _reporting():
            self._table.put(item)
        self._reads.pop(revocation.app_id, None)

    def lift(self, app_id: int, user_id: str | None, room_id: str | None) -> bool:
        """Remove a revocation; False where there was none."""
        with _reporting():
            was_there = self._table.delete(_key(app_id, user_id, room_id))
        self._reads.pop(app_id, None)
        return was_there

    def in_force(self, app_id: int, now: Instant) -> tuple[Revocation, ...]:
        """The revocations of an app that are in force, as the table has them."""
        with _reporting():
            return self._read(app_id, now)

    def _active(self, app_id: int, now: Instant) -> tuple[Revocation, ...]:
        last = self._reads.get(app_id)
        if last is not None and now.elapsed_since(last.at) < READ_SECONDS:
            return last.active
        if self._failed is not None and app_id in self._failed:
            raise RevocationsUnavailableError
        try:
            # The age starts when the query is sent; later writes may be missing from the answer.
            read = _Read(self.in_force(app_id, now), now)
        except RevocationsUnavailableError:
            if last is None:
                if self._failed is not None:
                    self._failed.add(app_id)
                raise
            read = _Read(last.active, self._clock())  # the clock again: the query may have taken seconds
        self._reads[app_id] = read
        return read.active

    def _read(self, app_id: int, now: Instant) -> tuple[Revocation, ...]:
        pages = self._table.pages(
            "pk = :pk",
            {":pk": {"S": _partition(app_id)}, ":now": {"N": str(now.unix)}},
            FilterExpression="#until > :now",
            ExpressionAttributeNames={"#until": "until"},
        )
        return tuple(_revocation(app_id, item) for items in pages for item in items)


def _check_number(active: Collection[Revocation], *, by_user: bool) -> None:
    if len(active) >= MAX_ACTIVE:
        raise TooManyRevocationsError(MAX_ACTIVE)
    if by_user and sum(each.by_user for each in active) >= MAX_BY_USERS:
        raise TooManyRevocationsError(MAX_BY_USERS)


def _reporting() -> AbstractContextManager[None]:
    return reporting("RevocationsUnavailable", RevocationsUnavailableError)


def _partition(app_id: int) -> str:
    return f"REVOCATION#{app_id}"


def _key(app_id: int, user_id: str | None, room_id: str | None) -> dict[str, dict[str, str]]:
    # As JSON, two names cannot run into one another.
    return {"pk": {"S": _partition(app_id)}, "sk": {"S": json.dumps([user_id, room_id])}}


def _revocation(app_id: int, item: Mapping[str, Any]) -> Revocation:
    user_id, room_id = json.loads(item["sk"]["S"])
    return Revocation(
        app_id=app_id,
        user_id=user_id,
        room_id=room_id,
        until=int(item["until"]["N"]),
        created_at=int(item["created_at"]["N"]),
        created_by=item["created_by"]["S"],
        by_user=item.get("by_user", {}).get("BOOL", False),
    )
