"""Grants: who may join which room, and do what there, and when.

A scheduled room is one row that names its current version, and one row for each participant of each
version. Writing a version touches no row of another, and takes effect at once when the room's row
names it; versions are ordered, and the one that is named only ever goes up. So whatever is written
in whatever order, twice, at the same time or only in part, the room is as its highest version has it.

Rows of rosters are versioned one by one, and each user's highest counts. They are kept by the age of
their roster, whenever they end: were a higher one gone before a lower one, the lower one would count
again. A cancelled room lets nobody in, whoever has granted it. The row of a room is kept for ever:
without it, an old event would bring the room back.
"""

import hashlib
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass
from typing import Any

from zego_service.clients import ConditionFailedError, Item
from zego_service.errors import GrantsUnavailableError, InvalidRequestError
from zego_service.provisioning.rooms import (
    ROSTER_SECONDS,
    CancelledRoom,
    Change,
    Participant,
    RoomKey,
    RosterEntry,
    ScheduledRoom,
    Window,
)
from zego_service.table import Table, reporting

KEPT_SECONDS = 86_400  # how long a grant is kept after its window, to be told from one that never was
_ROOM = "#ROOM"  # before all grants, so that no page of them has it
_SCHEDULED = "GRANT#"
_BY_ROSTER = "ROSTER#"
_MAX_ROW_BYTES = 1024  # DynamoDB's limit of a sort key
_BETWEEN = "pk = :pk AND sk BETWEEN :first AND :last"
_CANCELLED = "~"  # above every digest: of one revision, the cancellation counts


@dataclass(frozen=True, slots=True)
class Grant:
    """What one user may do in a room, and when; ``by_roster`` tells where it comes from."""

    participant: Participant
    window: Window
    revision: int
    by_roster: bool


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room as its highest version has it; ``window`` is None where it was cancelled."""

    version: str
    window: Window | None

    @property
    def revision(self) -> int:
        """The revision of its booking."""
        return int(self.version.partition("-")[0])


@dataclass(frozen=True, slots=True)
class PageKey:
    """Where a page of grants begins: after this row, in this version of the room, if it has one."""

    version: str | None
    row: str

    @classmethod
    def from_cursor(cls, cursor: str) -> "PageKey":
        """The page that a cursor names. Raises :class:`InvalidRequestError`."""
        try:
            version, row = json.loads(b64decode(cursor, altchars=b"-_", validate=True))
        except (ValueError, TypeError, RecursionError):
            version, row = None, ""
        if not isinstance(version, str | None) or not isinstance(row, str) or not _is_grant_row(row):
            raise InvalidRequestError("after must be the next of a page before", "after")
        return cls(version, row)

    @property
    def cursor(self) -> str:
        """The page as text for a URL."""
        return urlsafe_b64encode(json.dumps([self.version, self.row]).encode()).decode()


@dataclass(frozen=True, slots=True)
class GrantPage:
    """A room, some of its grants, and where the next ones begin; None after the last."""

    room: RoomState | None
    grants: tuple[Grant, ...]
    next_key: PageKey | None


class Grants:
    """The grants in the table. Every method raises :class:`GrantsUnavailableError`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def schedule(self, room: ScheduledRoom) -> Change:
        """Put a room into the state of one revision, unless it has a higher one."""
        version = version_of(room)
        with _reporting():
            before = self.room(room.key)
            if before is None or before.version < version:
                self._table.put_all(_participant_items(room, version))
            change = self._name(room.key, version, room.window)
            self._remove_lower(room.key, version, change)
        return change

    def cancel(self, room: CancelledRoom) -> Change:
        """Close a room, until a higher revision schedules it again."""
        version = version_of(room)
        with _reporting():
            change = self._name(room.key, version, None)
            self._remove_lower(room.key, version, change)
        return change

    def add_roster(self, entries: Iterable[RosterEntry], revision: int) -> None:
        """Add rows of a roster, whose revision is the Unix time of its upload; again, they change nothing."""
        with _reporting():
            self._table.put_all(_roster_item(entry, revision) for entry in entries)

    def room(self, key: RoomKey) -> RoomState | None:
        """A room that was scheduled or cancelled; None where only rosters know it, if at all."""
        with _reporting():
            item = self._table.get(_key(key, _ROOM))
        return None if item is None else _room_state(item)

    def scheduled(self, key: RoomKey, user_id: str) -> tuple[RoomState | None, Grant | None]:
        """A room, and a user's grant as its participant, both of the same version."""
        room = self.room(key)
        while room is not None and room.window is not None:
            row = f"{_SCHEDULED}{room.version}#{user_id}"
            with _reporting():
                item = self._table.get(_key(key, row))
            if item is not None:
                return room, _grant(item, room.window)
            # There is no such row, or it went because the room has a higher version by now.
            before, room = room, self.room(key)
            if room == before:
                break
        return room, None

    def by_roster(self, key: RoomKey, user_id: str) -> Grant | None:
        """A user's grant by the highest revision of a roster."""
        with _reporting():
            items, _ = self._table.page(
                "pk = :pk AND begins_with(sk, :user)",
                {":pk": {"S": _partition(key)}, ":user": {"S": _roster_prefix(user_id)}},
                ScanIndexForward=False,
                Limit=1,
            )
        return next(map(_grant, items), None)

    def page(self, key: RoomKey, limit: int, after: PageKey | None = None) -> GrantPage:
        """At most ``limit`` of a room's grants, those by rosters first, from the last user to the first.

        Raises :class:`InvalidRequestError` where the room is no longer as it was in the page before.
        """
        room = self.room(key)
        while True:
            if after is not None and after.version != (None if room is None else room.version):
                raise InvalidRequestError("the room has changed; begin with the first page", "after")
            page = self._page(key, room, limit, None if after is None else after.row)
            before, room = room, self.room(key)
            if room == before:  # else the rows that it named may have gone while they were read
                return page

    def _page(self, key: RoomKey, room: RoomState | None, limit: int, start_row: str | None) -> GrantPage:
        start = {} if start_row is None else {"ExclusiveStartKey": _key(key, start_row)}
        first, last = {"S": _SCHEDULED}, {"S": _after(_BY_ROSTER)}
        with _reporting():
            items, last_key = self._table.page(
                _BETWEEN,
                {":pk": {"S": _partition(key)}, ":first": first, ":last": last},
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        version = None if room is None else room.version
        next_key = None if last_key is None else PageKey(version, last_key["sk"]["S"])
        return GrantPage(room, tuple(_counting(items, room, start_row)), next_key)

    def _name(self, key: RoomKey, version: str, window: Window | None) -> Change:
        """Let the room's row name this version, if it is the highest."""
        values: dict[str, Any] = {":version": {"S": version}}
        update = "SET version = :version REMOVE starts_at, ends_at"
        if window is not None:
            update = "SET version = :version, starts_at = :starts_at, ends_at = :ends_at"
            values |= {":starts_at": _number(window.starts_at), ":ends_at": _number(window.ends_at)}
        condition = "attribute_not_exists(version) OR version < :version"
        try:
            self._table.update(_key(key, _ROOM), update, condition, values)
        except ConditionFailedError as failed:
            return Change.REPEATED if failed.item["version"]["S"] == version else Change.SUPERSEDED
        return Change.APPLIED

    def _remove_lower(self, key: RoomKey, version: str, change: Change) -> None:
        """Remove rows of versions that no room's row will name again: lower ones, or this one too."""
        own = _SCHEDULED + version
        first, last = {"S": _SCHEDULED}, {"S": _after(own + "#") if change is Change.SUPERSEDED else own}
        for rows in self._table.pages(
            _BETWEEN,
            {":pk": {"S": _partition(key)}, ":first": first, ":last": last},
            ProjectionExpression="pk, sk",
        ):
            self._table.delete_all(rows)


def _reporting() -> AbstractContextManager[None]:
    return reporting("GrantsUnavailable", GrantsUnavailableError)


def version_of(room: ScheduledRoom | CancelledRoom) -> str:
    """What names this state of a room.

    Ordered as text as revisions are as numbers; contents of the same revision are ordered too.
    """
    content = _digest(room) if isinstance(room, ScheduledRoom) else _CANCELLED
    return f"{room.revision:016d}-{content}"


def _digest(room: ScheduledRoom) -> str:
    participants = sorted(astuple(participant) for participant in room.participants)
    return hashlib.sha256(json.dumps([astuple(room.window), participants]).encode()).hexdigest()[:16]


def _is_grant_row(row: str) -> bool:
    """Whether a page of grants may begin after this row."""
    return row.startswith((_SCHEDULED, _BY_ROSTER)) and len(row.encode()) <= _MAX_ROW_BYTES


def _partition(key: RoomKey) -> str:
    return f"ROOM#{key.app_id}#{key.room_id}"


def _key(key: RoomKey, row: str) -> Item:
    return {"pk": {"S": _partition(key)}, "sk": {"S": row}}


def _after(prefix: str) -> str:
    """The end of the keys that begin with ``prefix``, of which the last character is ``#``."""
    return prefix[:-1] + "$"


def _roster_prefix(user_id: str) -> str:
    # As JSON, no id can run into what follows it.
    return f"{_BY_ROSTER}{json.dumps(user_id, ensure_ascii=False)}#"


def _participant_items(room: ScheduledRoom, version: str) -> list[Item]:
    return [
        {
            **_key(room.key, f"{_SCHEDULED}{version}#{participant.user_id}"),
            **_content(participant),
            "expires_at": _number(room.window.ends_at + KEPT_SECONDS),
            "revision": _number(room.revision),
        }
        for participant in room.participants
    ]


def _roster_item(entry: RosterEntry, revision: int) -> Item:
    prefix = _roster_prefix(entry.participant.user_id)
    return {
        **_key(entry.key, f"{prefix}{revision:016d}-{entry.row:012d}"),
        **_content(entry.participant),
        "expires_at": _number(revision + ROSTER_SECONDS + KEPT_SECONDS),
        "revision": _number(revision),
        "starts_at": _number(entry.window.starts_at),
        "ends_at": _number(entry.window.ends_at),
    }


def _content(participant: Participant) -> Item:
    item: Item = {
        "user_id": {"S": participant.user_id},
        "login": {"BOOL": participant.login},
        "publish": {"BOOL": participant.publish},
    }
    if participant.stream_ids is not None:
        item["stream_ids"] = {"L": [{"S": stream_id} for stream_id in participant.stream_ids]}
    return item


def _number(value: int) -> Item:
    return {"N": str(value)}


def _room_state(item: Item) -> RoomState:
    return RoomState(item["version"]["S"], _window(item) if "starts_at" in item else None)


def _window(item: Item) -> Window:
    return Window(starts_at=int(item["starts_at"]["N"]), ends_at=int(item["ends_at"]["N"]))


def _grant(item: Item, window: Window | None = None) -> Grant:
    """The grant of a row; ``window`` is the room's, None for a roster's row, which has its own."""
    streams = item.get("stream_ids")
    participant = Participant(
        user_id=item["user_id"]["S"],
        login=item["login"]["BOOL"],
        publish=item["publish"]["BOOL"],
        stream_ids=None if streams is None else tuple(stream_id["S"] for stream_id in streams["L"]),
    )
    return Grant(participant, window or _window(item), int(item["revision"]["N"]), by_roster=window is None)


def _counting(items: Iterable[Item], room: RoomState | None, start_key: str | None) -> Iterator[Grant]:
    """The grants that count, of rows from the last to the first: a roster's highest row of each user."""
    named = f"{_SCHEDULED}{room.version}#" if room is not None and room.window is not None else None
    above = _row_prefix(start_key)
    for item in items:
        row = item["sk"]["S"]
        if row.startswith(_BY_ROSTER):
            if _row_prefix(row) != above:
                yield _grant(item)
            above = _row_prefix(row)
        elif named is not None and row.startswith(named) and room is not None:
            yield _grant(item, room.window)


def _row_prefix(row: str | None) -> str:
    """What all rows of a user by rosters have in common."""
    return (row or "").rpartition("#")[0]
