"""Grants: who may join which room, what they may do there, and when.

A scheduled room is one row that names its current version, and one row for each participant of each
version. Writing a version touches no row of another. It takes effect at once, when the room's row
names it. Versions are ordered, and the room's row only moves to a higher one. So writes may come in
any order, twice, at the same time or only in part: the room is as its highest version has it.

Rows of rosters are versioned one by one, and each user's highest counts. They expire by the age of
their roster, not by their window: if a newer row expired first, the older one would take effect again.
A cancelled room lets nobody in, whoever has granted it. The row of a room is kept for ever: without
it, an old event would bring the room back.
"""

import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from zego_service.clients import ConditionFailedError
from zego_service.errors import GrantsUnavailableError, InvalidRequestError
from zego_service.provisioning.grant_rows import (
    BY_ROSTER,
    ROOM,
    SCHEDULED,
    Grant,
    RoomState,
    counting,
    end_of,
    grant_of,
    is_grant_row,
    key_of,
    number,
    participant_items,
    partition_of,
    room_state,
    roster_item,
    roster_prefix,
    version_of,
)
from zego_service.provisioning.rooms import (
    CancelledRoom,
    Change,
    RoomKey,
    RosterEntry,
    ScheduledRoom,
    Window,
)
from zego_service.table import Table, reporting

_BETWEEN = "pk = :pk AND sk BETWEEN :first AND :last"


@dataclass(frozen=True, slots=True)
class PageKey:
    """Where a page of grants begins: after this row, in this version of the room."""

    version: str | None
    row: str

    @classmethod
    def from_cursor(cls, cursor: str) -> "PageKey":
        """The page that a cursor names. Raises :class:`InvalidRequestError`."""
        try:
            version, row = json.loads(b64decode(cursor, altchars=b"-_", validate=True))
            if isinstance(version, str | None) and isinstance(row, str) and is_grant_row(row):
                f"{version}{row}".encode()  # a lone surrogate would fail in DynamoDB's client
                return cls(version, row)
        except (ValueError, TypeError, RecursionError):
            pass
        raise InvalidRequestError("after must be the next of a page before", "after")

    @property
    def cursor(self) -> str:
        """The page as text for a URL."""
        return urlsafe_b64encode(json.dumps([self.version, self.row]).encode()).decode()


@dataclass(frozen=True, slots=True)
class GrantPage:
    """A room, some of its grants, and the key of the next page; None after the last."""

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
                self._table.put_all(participant_items(room, version))
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
        """Add rows of a roster, whose revision is the time of its upload. Repeating changes nothing."""
        with _reporting():
            self._table.put_all(roster_item(entry, revision) for entry in entries)

    def room(self, key: RoomKey) -> RoomState | None:
        """A room that was scheduled or cancelled; None for any other."""
        with _reporting():
            item = self._table.get(key_of(key, ROOM))
        return None if item is None else room_state(item)

    def scheduled(self, key: RoomKey, user_id: str) -> tuple[RoomState | None, Grant | None]:
        """A room, and a user's grant as its participant, both of the same version."""
        room = self.room(key)
        while room is not None and room.window is not None:
            row = f"{SCHEDULED}{room.version}#{user_id}"
            with _reporting():
                item = self._table.get(key_of(key, row))
            if item is not None:
                return room, grant_of(item, room.window)
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
                {":pk": {"S": partition_of(key)}, ":user": {"S": roster_prefix(user_id)}},
                ScanIndexForward=False,
                Limit=1,
            )
        return next(map(grant_of, items), None)

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
        start = {} if start_row is None else {"ExclusiveStartKey": key_of(key, start_row)}
        first, last = {"S": SCHEDULED}, {"S": end_of(BY_ROSTER)}
        with _reporting():
            items, last_key = self._table.page(
                _BETWEEN,
                {":pk": {"S": partition_of(key)}, ":first": first, ":last": last},
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        version = None if room is None else room.version
        next_key = None if last_key is None else PageKey(version, last_key["sk"]["S"])
        return GrantPage(room, tuple(counting(items, room, start_row)), next_key)

    def _name(self, key: RoomKey, version: str, window: Window | None) -> Change:
        """Make this version the room's current one, if it is the highest."""
        values: dict[str, Any] = {":version": {"S": version}}
        update = "SET version = :version REMOVE starts_at, ends_at"
        if window is not None:
            update = "SET version = :version, starts_at = :starts_at, ends_at = :ends_at"
            values |= {":starts_at": number(window.starts_at), ":ends_at": number(window.ends_at)}
        condition = "attribute_not_exists(version) OR version < :version"
        try:
            self._table.update(key_of(key, ROOM), update, condition, values)
        except ConditionFailedError as failed:
            return Change.REPEATED if failed.item["version"]["S"] == version else Change.SUPERSEDED
        return Change.APPLIED

    def _remove_lower(self, key: RoomKey, version: str, change: Change) -> None:
        """Remove rows of versions that cannot become current: lower ones, or this one too."""
        own = SCHEDULED + version
        first, last = {"S": SCHEDULED}, {"S": end_of(own + "#") if change is Change.SUPERSEDED else own}
        for rows in self._table.pages(
            _BETWEEN,
            {":pk": {"S": partition_of(key)}, ":first": first, ":last": last},
            ProjectionExpression="pk, sk",
        ):
            self._table.delete_all(rows)


def _reporting() -> AbstractContextManager[None]:
    return reporting("GrantsUnavailable", GrantsUnavailableError)
