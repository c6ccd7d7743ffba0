"""Rooms, participants and grants: the records of events and rosters.

Times are Unix seconds. Records are not checked again: values are checked where they come in, so that a rule
that becomes stricter leaves what is stored readable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from zego_service.errors import InvalidRequestError
from zego_service.fields import kind_of, parse_flag, parse_time, parse_user_id
from zego_service.names import check_known, required
from zego_service.streams import parse_streams

MAX_PARTICIPANTS = 10_000  # one invocation can write as many
ROSTER_SECONDS = 400 * 86_400  # how long after its upload a roster may grant anything
_PARTICIPANT = {"user_id", "login", "publish", "stream_ids"}


class Change(Enum):
    """What an event did."""

    APPLIED = "applied"
    REPEATED = "repeated"  # it was done before
    SUPERSEDED = "superseded"  # a higher revision was there before


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """What one user may do in a room. ``stream_ids`` limits what may be published; None does not."""

    user_id: str
    login: bool = True
    publish: bool = False
    stream_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time window: from ``starts_at`` until just before ``ends_at``."""

    starts_at: int
    ends_at: int


@dataclass(frozen=True, slots=True)
class RoomKey:
    """One room of one app."""

    app_id: int
    room_id: str


@dataclass(frozen=True, slots=True)
class ScheduledRoom:
    """A room as one revision of its booking has it."""

    key: RoomKey
    revision: int
    window: Window
    participants: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class CancelledRoom:
    """A room that one revision of its booking cancels."""

    key: RoomKey
    revision: int


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One row of a roster: who may do what in which room, and when."""

    row: int
    key: RoomKey
    participant: Participant
    window: Window


@dataclass(frozen=True, slots=True)
class TokensRequest:
    """Tokens for many users, in one room or in none."""

    request_id: str
    app_id: int
    room_id: str | None
    effective_time_in_seconds: int
    participants: tuple[Participant, ...]


def parse_participant(entry: object, room_id: str | None) -> Participant:
    """One user and what it may do, in a room if it is named, as events and rosters write it."""
    if not isinstance(entry, Mapping):
        raise InvalidRequestError(f"each participant must be a JSON object, not {kind_of(entry)}", "detail")
    check_known(entry, _PARTICIPANT)
    user_id = parse_user_id(required(entry, "user_id"))
    return Participant(
        user_id=user_id,
        login=parse_flag(entry.get("login", True), "login"),
        publish=parse_flag(entry.get("publish", False), "publish"),
        stream_ids=parse_streams(entry.get("stream_ids"), room_id, user_id),
    )


def parse_window(fields: Mapping[str, Any]) -> Window:
    """From ``starts_at`` to ``ends_at``; a window that is never open is refused."""
    starts_at = parse_time(required(fields, "starts_at"), "starts_at")
    ends_at = parse_time(required(fields, "ends_at"), "ends_at")
    if ends_at <= starts_at:
        raise InvalidRequestError("ends_at must be after starts_at", "ends_at")
    return Window(starts_at=starts_at, ends_at=ends_at)
