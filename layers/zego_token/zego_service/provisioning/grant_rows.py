"""The rows of rooms and grants in the table: their keys, their order, and what is in them."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass

from zego_service.clients import Item
from zego_service.provisioning.rooms import (
    ROSTER_SECONDS,
    CancelledRoom,
    Participant,
    RoomKey,
    RosterEntry,
    ScheduledRoom,
    Window,
)

KEPT_SECONDS = 86_400  # how long a grant is kept after its window, to be told from one that never was
ROOM = "#ROOM"  # before all grants, so that no page of them has it
SCHEDULED = "GRANT#"
BY_ROSTER = "ROSTER#"
_MAX_ROW_BYTES = 1024  # DynamoDB's limit of a sort key
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
    return row.startswith((SCHEDULED, BY_ROSTER)) and len(row.encode()) <= _MAX_ROW_BYTES


def partition_of(key: RoomKey) -> str:
    """The partition that holds a room and its grants."""
    return f"ROOM#{key.app_id}#{key.room_id}"


def key_of(key: RoomKey, row: str) -> Item:
    """The key of one row of a room."""
    return {"pk": {"S": partition_of(key)}, "sk": {"S": row}}


def end_of(prefix: str) -> str:
    """The end of the keys that begin with ``prefix``, of which the last character is ``#``."""
    return prefix[:-1] + "$"


def roster_prefix(user_id: str) -> str:
    """How all rows of a user by rosters begin."""
    # As JSON, no id can run into what follows it.
    return f"{BY_ROSTER}{json.dumps(user_id, ensure_ascii=False)}#"


def participant_items(room: ScheduledRoom, version: str) -> list[Item]:
    """A row for each participant of one version of a room."""
    return [
        {
            **key_of(room.key, f"{SCHEDULED}{version}#{participant.user_id}"),
            **_content(participant),
            "expires_at": number(room.window.ends_at + KEPT_SECONDS),
            "revision": number(room.revision),
        }
        for participant in room.participants
    ]


def roster_item(entry: RosterEntry, revision: int) -> Item:
    """The row of one row of a roster, whose revision is the Unix time of its upload."""
    prefix = roster_prefix(entry.participant.user_id)
    return {
        **key_of(entry.key, f"{prefix}{revision:016d}-{entry.row:012d}"),
        **_content(entry.participant),
        "expires_at": number(revision + ROSTER_SECONDS + KEPT_SECONDS),
        "revision": number(revision),
        "starts_at": number(entry.window.starts_at),
        "ends_at": number(entry.window.ends_at),
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


def number(value: int) -> Item:
    """A number as DynamoDB writes it."""
    return {"N": str(value)}


def room_state(item: Item) -> RoomState:
    """The state that a room's row holds."""
    return RoomState(item["version"]["S"], _window(item) if "starts_at" in item else None)


def _window(item: Item) -> Window:
    return Window(starts_at=int(item["starts_at"]["N"]), ends_at=int(item["ends_at"]["N"]))


def grant_of(item: Item, window: Window | None = None) -> Grant:
    """The grant of a row. ``window`` is the room's; a roster's row has its own."""
    streams = item.get("stream_ids")
    participant = Participant(
        user_id=item["user_id"]["S"],
        login=item["login"]["BOOL"],
        publish=item["publish"]["BOOL"],
        stream_ids=None if streams is None else tuple(stream_id["S"] for stream_id in streams["L"]),
    )
    return Grant(participant, window or _window(item), int(item["revision"]["N"]), by_roster=window is None)


def counting(items: Iterable[Item], room: RoomState | None, start_key: str | None) -> Iterator[Grant]:
    """The grants that count, of rows from the last to the first: a roster's highest row of each user."""
    named = f"{SCHEDULED}{room.version}#" if room is not None and room.window is not None else None
    above = _row_prefix(start_key)
    for item in items:
        row = item["sk"]["S"]
        if row.startswith(BY_ROSTER):
            if _row_prefix(row) != above:
                yield grant_of(item)
            above = _row_prefix(row)
        elif named is not None and row.startswith(named) and room is not None:
            yield grant_of(item, room.window)


def _row_prefix(row: str | None) -> str:
    """What all rows of a user by rosters have in common."""
    return (row or "").rpartition("#")[0]
