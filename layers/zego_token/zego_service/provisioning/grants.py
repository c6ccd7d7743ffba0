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
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from zego_service.errors import GrantsUnavailableError, InvalidRequestError
from zego_service.provisioning.rooms import (
    CancelledRoom,
    Participant,
    RoomKey,
    RosterEntry,
    ScheduledRoom,
    Window,
)
from zego_service.settings import Settings
from zego_service.table import Item, delete_all, put_all, reachable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT_SECONDS = 86_400  # how long a grant is kept after its window, to be told from one that never was
ROSTER_SECONDS = 400 * 86_400  # how long after its upload a roster may grant anything
_ROOM = "#ROOM"  # before all grants, so that no page of them has it
_SCHEDULED = "GRANT#"
_BY_ROSTER = "ROSTER#"
_MAX_ROW_BYTES = 1024  # DynamoDB's limit of a sort key
_CANCELLED = "~"  # above every digest: of one revision, the cancellation counts


class Change(Enum):
    """What an event did to a room."""

    APPLIED = "applied"
    REPEATED = "repeated"  # the room was in this state before
    SUPERSEDED = "superseded"  # a higher revision was there before


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


@dataclass(frozen=True, slots=True)
class GrantPage:
    """A room, some of its grants, and where the next ones begin; None after the last."""

    room: RoomState | None
    grants: tuple[Grant, ...]
    next_key: PageKey | None


class Grants:
    """The grants in the table. Every method raises :class:`GrantsUnavailableError`."""

    def __init__(
        self, client: "DynamoDBClient", settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = settings.table
        self._clock = clock

    def schedule(self, room: ScheduledRoom) -> Change:
        """Put a room into the state of one revision, unless it has a higher one."""
        version = version_of(room)
        with _reachable():
            before = self.room(room.key)
            if before is None or before.version < version:
                put_all(self._client, self._table, _participant_items(room, version))
            change = self._name(room.key, version, room.window)
            self._remove_lower(room.key, version, change)
        return change

    def cancel(self, room: CancelledRoom) -> Change:
        """Close a room, until a higher revision schedules it again."""
        version = version_of(room)
        with _reachable():
            change = self._name(room.key, version, None)
            self._remove_lower(room.key, version, change)
        return change

    def add_roster(self, entries: Iterable[RosterEntry], revision: int) -> None:
        """Add rows of a roster, whose revision is the Unix time of its upload; again, they change nothing."""
        with _reachable():
            put_all(self._client, self._table, [_roster_item(entry, revision) for entry in entries])

    def room(self, key: RoomKey) -> RoomState | None:
        """A room that was scheduled or cancelled; None where only rosters know it, if at all."""
        with _reachable():
            answer = self._client.get_item(TableName=self._table, Key=_key(key, _ROOM), ConsistentRead=True)
        return _room_state(answer["Item"]) if "Item" in answer else None

    def scheduled(self, key: RoomKey, user_id: str) -> tuple[RoomState | None, Grant | None]:
        """A room, and a user's grant as its participant, both of the same version."""
        room = self.room(key)
        while room is not None and room.window is not None:
            row = f"{_SCHEDULED}{room.version}#{user_id}"
            with _reachable():
                answer = self._client.get_item(TableName=self._table, Key=_key(key, row), ConsistentRead=True)
            if "Item" in answer:
                return room, _grant(answer["Item"], room.window)
            # There is no such row, or it went because the room has a higher version by now.
            before, room = room, self.room(key)
            if room == before:
                break
        return room, None

    def by_roster(self, key: RoomKey, user_id: str) -> Grant | None:
        """A user's grant by the highest revision of a roster."""
        with _reachable():
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :user)",
                ExpressionAttributeValues={
                    ":pk": {"S": _partition(key)},
                    ":user": {"S": _roster_prefix(user_id)},
                },
                ScanIndexForward=False,
                Limit=1,
                ConsistentRead=True,
            )
        return next(map(_grant, answer["Items"]), None)

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
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": {"S": _partition(key)},
                ":first": {"S": _SCHEDULED},
                ":last": {"S": _after(_BY_ROSTER)},
            },
            "ScanIndexForward": False,
            "Limit": limit,
            "ConsistentRead": True,
        }
        if start_row is not None:
            query["ExclusiveStartKey"] = _key(key, start_row)
        with _reachable():
            answer = self._client.query(**query)
        last = answer.get("LastEvaluatedKey")
        version = None if room is None else room.version
        next_key = None if last is None else PageKey(version, last["sk"]["S"])
        return GrantPage(room, tuple(_counting(answer["Items"], room, start_row)), next_key)

    def _name(self, key: RoomKey, version: str, window: Window | None) -> Change:
        """Let the room's row name this version, if it is the highest."""
        values: dict[str, Any] = {":version": {"S": version}}
        update = "SET version = :version REMOVE starts_at, ends_at"
        if window is not None:
            update = "SET version = :version, starts_at = :starts_at, ends_at = :ends_at"
            values |= {":starts_at": _number(window.starts_at), ":ends_at": _number(window.ends_at)}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(key, _ROOM),
                UpdateExpression=update,
                ConditionExpression="attribute_not_exists(version) OR version < :version",
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            there = _failed_condition(error)
            return Change.REPEATED if there["version"]["S"] == version else Change.SUPERSEDED
        return Change.APPLIED

    def _remove_lower(self, key: RoomKey, version: str, change: Change) -> None:
        """Remove rows of versions that no room's row will name again: lower ones, or this one too."""
        own = _SCHEDULED + version
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ProjectionExpression="pk, sk",
            ExpressionAttributeValues={
                ":pk": {"S": _partition(key)},
                ":first": {"S": _SCHEDULED},
                ":last": {"S": _after(own + "#") if change is Change.SUPERSEDED else own},
            },
        )
        for page in pages:
            delete_all(self._client, self._table, page["Items"])


def _reachable() -> AbstractContextManager[None]:
    return reachable("GrantsUnavailable", GrantsUnavailableError)


def _failed_condition(error: ClientError) -> Item:
    """The item that was there where a condition failed; raises any other error again."""
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
    item: Item = error.response.get("Item", {})  # type: ignore[assignment]
    return item


def version_of(room: ScheduledRoom | CancelledRoom) -> str:
    """What names this state of a room.

    Ordered as text as revisions are as numbers; contents of the same revision are ordered too.
    """
    content = _digest(room) if isinstance(room, ScheduledRoom) else _CANCELLED
    return f"{room.revision:016d}-{content}"


def _digest(room: ScheduledRoom) -> str:
    participants = sorted(astuple(participant) for participant in room.participants)
    return hashlib.sha256(json.dumps([astuple(room.window), participants]).encode()).hexdigest()[:16]


def is_grant_row(row: str) -> bool:
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
