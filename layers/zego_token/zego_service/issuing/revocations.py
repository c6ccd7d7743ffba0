"""Whom, and where, nobody gets a token any more, until a given time."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zego_service.clock import Instant
from zego_service.errors import NotEntitledError, RevocationsUnavailableError, TooManyRevocationsError
from zego_service.settings import Settings
from zego_service.table import reachable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

READ_SECONDS = 5  # a revocation takes effect in every process after this time at the latest
MAX_ACTIVE = 1000  # all of them are read with one request, and held in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """No tokens for a user, for a room, or for a user in a room. Times are Unix seconds."""

    app_id: int
    user_id: str | None
    room_id: str | None
    until: int
    created_at: int
    created_by: str

    def covers(self, user_id: str, opens_room: str | None) -> bool:
        """Whether a token of this user would let in whom this keeps out; None opens all rooms.

        A token without a room opens every room, so a revocation of its user anywhere covers it; so
        does one for ZIM, which ZEGO cannot tell from it. A revocation of a whole room does not: it
        would cover every such token of the app.
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

    Every method raises :class:`RevocationsUnavailableError` where the table cannot be reached, except
    that for :meth:`check` the last ones that were read stay in force. A process that has never read
    any issues no tokens.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        settings: Settings,
        clock: Callable[[], Instant] = Instant.now,
    ) -> None:
        self._client = client
        self._table = settings.table
        self._clock = clock
        self._reads: dict[int, _Read] = {}

    def check(self, app_id: int, user_id: str, opens_room: str | None) -> None:
        """Raise :class:`NotEntitledError` where a revocation covers a token of this user and room."""
        now = self._clock()
        for revocation in self._active(app_id, now):
            if revocation.until > now.wall and revocation.covers(user_id, opens_room):
                field = "room_id" if revocation.user_id is None else "user_id"
                raise NotEntitledError(f"revoked until {revocation.until}", field, "revoked")

    def put(self, revocation: Revocation) -> None:
        """Store a revocation; it replaces one of the same user and room.

        Raises :class:`TooManyRevocationsError` where the app has as many as are read in one go.
        """
        if len(self.of(revocation.app_id)) >= MAX_ACTIVE:
            raise TooManyRevocationsError(MAX_ACTIVE)
        item: dict[str, dict[str, str]] = {
            **_key(revocation.app_id, revocation.user_id, revocation.room_id),
            "until": {"N": str(revocation.until)},
            "created_at": {"N": str(revocation.created_at)},
            "created_by": {"S": revocation.created_by},
            "expires_at": {"N": str(revocation.until)},
        }
        with _reachable():
            self._client.put_item(TableName=self._table, Item=item)
        self._reads.pop(revocation.app_id, None)

    def lift(self, app_id: int, user_id: str | None, room_id: str | None) -> bool:
        """Remove a revocation; False where there was none."""
        with _reachable():
            answer = self._client.delete_item(
                TableName=self._table, Key=_key(app_id, user_id, room_id), ReturnValues="ALL_OLD"
            )
        self._reads.pop(app_id, None)
        return "Attributes" in answer

    def of(self, app_id: int) -> tuple[Revocation, ...]:
        """The revocations of an app that are in force, as the table has them now."""
        with _reachable():
            return tuple(self._query(app_id))

    def _active(self, app_id: int, now: Instant) -> tuple[Revocation, ...]:
        last = self._reads.get(app_id)
        if last is not None and now.elapsed_since(last.at) < READ_SECONDS:
            return last.active
        try:
            with _reachable():
                # Its age counts from the question: what is put while the answer is on its way is not in it.
                read = _Read(tuple(self._query(app_id)), now)
        except RevocationsUnavailableError:
            if last is None:
                raise
            read = _Read(last.active, self._clock())
        self._reads[app_id] = read
        return read.active

    def _query(self, app_id: int) -> Iterator[Revocation]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            FilterExpression="#until > :now",
            ExpressionAttributeNames={"#until": "until"},
            ExpressionAttributeValues={
                ":pk": {"S": _partition(app_id)},
                ":now": {"N": str(int(time.time()))},
            },
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield _revocation(app_id, item)


def _reachable() -> AbstractContextManager[None]:
    return reachable("RevocationsUnavailable", RevocationsUnavailableError)


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
    )
