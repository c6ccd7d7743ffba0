"""Rooms that are scheduled, and who takes part: what provisioning takes, whatever way it came.

Raises :class:`InvalidRequestError` for what cannot be granted. Times are Unix seconds.
"""

from dataclasses import dataclass
from enum import Enum

from zego_service.errors import InvalidRequestError
from zego_service.fields import LIMITS, MAX_ROOM_ID_BYTES, check_id, check_stream_ids
from zego_token.checks import check_app_id

MAX_REVISION = 2**53 - 1  # all integers up to it are exact in every JSON parser
MAX_PARTICIPANTS = 10_000  # what one invocation surely writes in its time
ROSTER_SECONDS = 400 * 86_400  # how long after its upload a roster may grant anything
LATEST = 253_402_300_799  # the last second of the year 9999


class Change(Enum):
    """What an event did."""

    APPLIED = "applied"
    REPEATED = "repeated"  # it was done before
    SUPERSEDED = "superseded"  # a higher revision was there before


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """What one user may do in a room; ``stream_ids`` limits what may be published, None does not."""

    user_id: str
    login: bool = True
    publish: bool = False
    stream_ids: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse ids that no token may have."""
        check_id(self.user_id, "user_id", LIMITS["rtc"].user_id_bytes)
        if self.stream_ids is not None:
            check_stream_ids(self.stream_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when to when: ``starts_at`` is in it, ``ends_at`` is not."""

    starts_at: int
    ends_at: int

    def __post_init__(self) -> None:
        """Refuse a window that is never open."""
        for name in ("starts_at", "ends_at"):
            if not 0 <= getattr(self, name) <= LATEST:
                raise InvalidRequestError(f"{name} must be a time between 1970 and 9999", name)
        if self.ends_at <= self.starts_at:
            raise InvalidRequestError("ends_at must be after starts_at", "ends_at")


@dataclass(frozen=True, slots=True)
class RoomKey:
    """One room of one app."""

    app_id: int
    room_id: str

    def __post_init__(self) -> None:
        """Refuse what ZEGO would refuse."""
        check_app_id(self.app_id)
        check_id(self.room_id, "room_id", MAX_ROOM_ID_BYTES)


@dataclass(frozen=True, slots=True)
class ScheduledRoom:
    """A room as one revision of its booking has it."""

    key: RoomKey
    revision: int
    window: Window
    participants: tuple[Participant, ...]

    def __post_init__(self) -> None:
        """Refuse a revision or a number of participants that cannot be stored."""
        check_revision(self.revision)
        if len(self.participants) > MAX_PARTICIPANTS:
            raise InvalidRequestError(
                f"participants must have at most {MAX_PARTICIPANTS} entries", "participants"
            )


@dataclass(frozen=True, slots=True)
class CancelledRoom:
    """A room that one revision of its booking cancels."""

    key: RoomKey
    revision: int

    def __post_init__(self) -> None:
        """Refuse a revision that cannot be stored."""
        check_revision(self.revision)


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


def check_revision(revision: int) -> None:
    """Refuse what is no revision."""
    if not 0 <= revision <= MAX_REVISION:
        raise InvalidRequestError(f"revision must be from 0 to {MAX_REVISION}", "revision")
