"""Fields as systems and people write them, parsed strictly. Times become Unix seconds.

Raises :class:`InvalidRequestError` or :class:`zego_token.TokenError`, which name the field at fault.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zego_service.apps import configured_app
from zego_service.errors import InvalidRequestError, ServiceError
from zego_service.provisioning.rooms import (
    MAX_PARTICIPANTS,
    CancelledRoom,
    Participant,
    RoomKey,
    ScheduledRoom,
    TokensRequest,
    Window,
)
from zego_service.settings import Settings
from zego_token import ErrorCode, TokenError
from zego_token.checks import check_app_id, check_effective_time, check_text
from zego_token.wire import MAX_EXPIRES_AT

CONTRACT = 1  # the `version` of every detail
MAX_REQUEST_ID_CHARACTERS = 128
_REQUEST_ID = re.compile(rf"[A-Za-z0-9_.-]{{1,{MAX_REQUEST_ID_CHARACTERS}}}")
_ROOM = {"version", "app_id", "room_id", "revision"}
_WINDOW = {"starts_at", "ends_at"}
_PARTICIPANT = {"user_id", "login", "publish", "stream_ids"}
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
    """An event, whatever way it came."""

    id: str
    detail_type: str
    detail: object


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """What is left out: ``entry`` is its place in the event, such as ``participants[3]``, or its user."""

    entry: str
    field: str
    reason: str


def scheduled_room(detail: object, settings: Settings) -> tuple[ScheduledRoom, list[RejectedEntry]]:
    """The room of `Zego Room Scheduled` or `Zego Room Updated`, and the participants that are left out."""
    fields = _fields(detail, _ROOM | _WINDOW | {"participants"})
    key, revision, when = _key(fields, settings), _revision(fields), window(fields)
    participants, rejected = _entries(fields, "participants", participant)
    return ScheduledRoom(key, revision, when, tuple(participants)), rejected


def cancelled_room(detail: object, settings: Settings) -> CancelledRoom:
    """The room of `Zego Room Cancelled`."""
    fields = _fields(detail, _ROOM)
    return CancelledRoom(_key(fields, settings), _revision(fields))


def tokens_request(detail: object, settings: Settings) -> tuple[TokensRequest, list[RejectedEntry]]:
    """The request of `Zego Tokens Requested`, and the users that are left out."""
    fields = _fields(detail, _TOKENS)
    request_id = fields.get("request_id")
    check_request_id(request_id)
    check_effective_time(fields.get("effective_time_in_seconds"), MAX_EXPIRES_AT)
    if ("user_ids" in fields) == ("participants" in fields):
        raise InvalidRequestError("give either user_ids or participants", "user_ids")
    room_id = None
    if "room_id" in fields:
        room_id = _key(fields, settings).room_id
    elif "participants" in fields:
        raise InvalidRequestError("participants need a room_id", "room_id")
    name, parse = ("user_ids", _user) if "user_ids" in fields else ("participants", participant)
    participants, rejected = _entries(fields, name, parse)
    seconds: int = fields["effective_time_in_seconds"]
    app_id = app_of(fields, settings)
    return TokensRequest(str(request_id), app_id, room_id, seconds, tuple(participants)), rejected


def participant(entry: object) -> Participant:
    """One user and what it may do."""
    fields = _fields(entry, _PARTICIPANT)
    check_text(fields.get("user_id"), ErrorCode.USER_ID_INVALID, "user_id")
    for name in ("login", "publish"):
        if name in fields and type(fields[name]) is not bool:
            raise InvalidRequestError(f"{name} must be true or false", name)
    if fields.get("stream_ids") is not None:
        fields["stream_ids"] = stream_ids_of(fields["stream_ids"])
    return Participant(**fields)


def window(fields: Mapping[str, Any]) -> Window:
    """From ``starts_at`` to ``ends_at``, each Unix seconds or RFC 3339 with an offset."""
    return Window(
        starts_at=_time(fields.get("starts_at"), "starts_at"), ends_at=_time(fields.get("ends_at"), "ends_at")
    )


def app_of(fields: Mapping[str, Any], settings: Settings) -> int:
    """The app of ``app_id``, by default the deployment's; the deployment must be made for it."""
    if "app_id" in fields:
        check_app_id(fields["app_id"])
    return configured_app(fields.get("app_id"), settings)


def _key(fields: Mapping[str, Any], settings: Settings) -> RoomKey:
    check_text(fields.get("room_id"), ErrorCode.ROOM_ID_INVALID, "room_id")
    return RoomKey(app_of(fields, settings), fields["room_id"])


def _revision(fields: Mapping[str, Any]) -> int:
    revision = fields.get("revision")
    if type(revision) is not int:
        raise InvalidRequestError("revision must be an integer", "revision")
    return revision


def _fields(value: object, known: set[str]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidRequestError("this must be a JSON object", "detail")
    if "version" in known and (type(value.get("version")) is not int or value["version"] != CONTRACT):
        raise InvalidRequestError(f"version must be {CONTRACT}", "version")
    unknown = next((name for name in value if name not in known), None)
    if unknown is not None:
        raise InvalidRequestError("this field is not known", str(unknown)[:64])
    return dict(value)


def _entries(
    fields: Mapping[str, Any], name: str, parse: Callable[[object], Participant]
) -> tuple[list[Participant], list[RejectedEntry]]:
    """The entries of a list that can be used, and those that cannot; a user counts once."""
    entries = fields.get(name)
    if not isinstance(entries, list):
        raise InvalidRequestError(f"{name} must be a list", name)
    if len(entries) > MAX_PARTICIPANTS:
        raise InvalidRequestError(f"{name} must have at most {MAX_PARTICIPANTS} entries", name)
    good: dict[str, Participant] = {}
    rejected = []
    for index, entry in enumerate(entries):
        try:
            parsed = parse(entry)
            if parsed.user_id in good:
                raise InvalidRequestError("this user is in the list already", "user_id")
            good[parsed.user_id] = parsed
        except (ServiceError, TokenError) as error:
            rejected.append(RejectedEntry(f"{name}[{index}]", error.field or name, str(error)))
    return [*good.values()], rejected


def _user(entry: object) -> Participant:
    return participant({"user_id": entry})


def stream_ids_of(value: object) -> tuple[str, ...]:
    """A list of stream ids."""
    if not isinstance(value, list) or not value:
        raise InvalidRequestError("stream_ids must be a non-empty list, or null for any stream", "stream_ids")
    for stream_id in value:
        check_text(stream_id, ErrorCode.PRIVILEGE_INVALID, "stream_ids")
    return tuple(value)


def _time(value: object, name: str) -> int:
    if type(value) is int:
        return value
    moment = _moment(value) if isinstance(value, str) else None
    if moment is None or moment.tzinfo is None:
        raise InvalidRequestError(
            f"{name} must be Unix seconds, or a time such as 2026-12-01T09:00:00Z, with its offset", name
        )
    return int(moment.timestamp())


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def check_request_id(request_id: object) -> None:
    """Refuse what is no id of a request for tokens."""
    if not isinstance(request_id, str) or not _REQUEST_ID.fullmatch(request_id):
        raise InvalidRequestError(
            f"request_id must be 1 to {MAX_REQUEST_ID_CHARACTERS} letters, digits, '-', '_' or '.'",
            "request_id",
        )
