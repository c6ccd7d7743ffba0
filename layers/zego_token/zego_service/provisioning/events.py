"""The events that provision rooms and tokens, parsed strictly. Times become Unix seconds.

Raises :class:`InvalidRequestError`, which names the field at fault, or :class:`UnknownAppError`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from zego_service.apps import configured_app
from zego_service.errors import InvalidRequestError
from zego_service.fields import (
    kind_of,
    parse_app_id,
    parse_request_id,
    parse_revision,
    parse_room_id,
    parse_validity,
)
from zego_service.issuing.renewal import check_shortest
from zego_service.names import check_known, required
from zego_service.provisioning.rooms import (
    MAX_PARTICIPANTS,
    CancelledRoom,
    Participant,
    RoomKey,
    ScheduledRoom,
    TokensRequest,
    parse_participant,
    parse_window,
)
from zego_service.settings import Settings

CONTRACT = 1  # the `version` of every detail
_ROOM = {"version", "app_id", "room_id", "revision"}
_SCHEDULE = {*_ROOM, "starts_at", "ends_at", "participants"}
_TOKENS = {
    "version",
    "request_id",
    "app_id",
    "user_ids",
    "participants",
    "room_id",
    "effective_time_in_seconds",
}


@dataclass(frozen=True, slots=True)
class ProvisioningEvent:
    """An event, whatever way it came. ``fault`` says why it has no type, if it has none."""

    id: str
    detail_type: str
    detail: object
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """What is left out: ``entry`` is its place in the event, such as ``participants[3]``, or its user."""

    entry: str
    field: str
    reason: str


def scheduled_room(detail: object, settings: Settings) -> tuple[ScheduledRoom, list[RejectedEntry]]:
    """The room of `Zego Room Scheduled` or `Zego Room Updated`, and the participants that are left out."""
    fields = _fields(detail, _SCHEDULE)
    key, revision, window = (
        _key(fields, settings),
        parse_revision(required(fields, "revision")),
        parse_window(fields),
    )
    participants, rejected = _entries(fields, "participants", partial(parse_participant, room_id=key.room_id))
    return ScheduledRoom(key, revision, window, tuple(participants)), rejected


def cancelled_room(detail: object, settings: Settings) -> CancelledRoom:
    """The room of `Zego Room Cancelled`."""
    fields = _fields(detail, _ROOM)
    return CancelledRoom(_key(fields, settings), parse_revision(required(fields, "revision")))


def tokens_request(detail: object, settings: Settings) -> tuple[TokensRequest, list[RejectedEntry]]:
    """The request of `Zego Tokens Requested`, and the users that are left out."""
    fields = _fields(detail, _TOKENS)
    request_id = parse_request_id(required(fields, "request_id"))
    seconds = parse_validity(required(fields, "effective_time_in_seconds"))
    check_shortest(seconds, "rtc")
    if ("user_ids" in fields) == ("participants" in fields):
        raise InvalidRequestError("give either user_ids or participants", "user_ids")
    if "participants" in fields and "room_id" not in fields:
        raise InvalidRequestError("room_id is required where participants are given", "room_id")
    room_id = parse_room_id(fields["room_id"]) if "room_id" in fields else None
    of_room = partial(parse_participant, room_id=room_id)
    name, parse = ("user_ids", _user) if "user_ids" in fields else ("participants", of_room)
    participants, rejected = _entries(fields, name, parse)
    app_id = _app(fields, settings)
    return TokensRequest(request_id, app_id, room_id, seconds, tuple(participants)), rejected


def _app(fields: Mapping[str, Any], settings: Settings) -> int:
    return configured_app(parse_app_id(fields["app_id"]) if "app_id" in fields else None, settings)


def _key(fields: Mapping[str, Any], settings: Settings) -> RoomKey:
    room_id = parse_room_id(required(fields, "room_id"))
    return RoomKey(_app(fields, settings), room_id)


def _fields(detail: object, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(detail, Mapping):
        found = "text: it was encoded twice" if isinstance(detail, str) else kind_of(detail)
        raise InvalidRequestError(f"detail must be a JSON object, not {found}", "detail")
    version = required(detail, "version")
    if isinstance(version, bool) or version != CONTRACT:
        raise InvalidRequestError(f"version must be the number {CONTRACT}, not {_found(version)}", "version")
    check_known(detail, known)
    return detail


def _entries(
    fields: Mapping[str, Any], name: str, parse: Callable[[object], Participant]
) -> tuple[list[Participant], list[RejectedEntry]]:
    """The entries of a list that can be used, and those that cannot; a user counts once."""
    entries = required(fields, name)
    if not isinstance(entries, list):
        raise InvalidRequestError(f"{name} must be a list, not {kind_of(entries)}", name)
    if len(entries) > MAX_PARTICIPANTS:
        raise InvalidRequestError(
            f"{name} must have at most {MAX_PARTICIPANTS} entries, not {len(entries)}", name
        )
    good: dict[str, Participant] = {}
    rejected = []
    for index, entry in enumerate(entries):
        try:
            parsed = parse(entry)
            if parsed.user_id in good:
                raise InvalidRequestError("this user is in the list already", "user_id")
            good[parsed.user_id] = parsed
        except InvalidRequestError as error:
            rejected.append(RejectedEntry(f"{name}[{index}]", error.field or name, str(error)))
    return [*good.values()], rejected


def _found(version: object) -> str:
    return "another number" if type(version) in (int, float) else kind_of(version)


def _user(entry: object) -> Participant:
    return parse_participant({"user_id": entry}, None)
