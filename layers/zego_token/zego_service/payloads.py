"""Payloads that callers write themselves: looked into, so that nobody has a right that we do not know of.

Only the payload of a room is taken, in ZEGO's form and no other: Express reads nothing else, and ZIM reads
none. Sources: https://www.zegocloud.com/docs/video-call/communication/using-token-authentication and
https://github.com/zegoim/zego_server_assistant
"""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from zego_service.errors import InvalidRequestError
from zego_service.fields import parse_room_id
from zego_service.names import check_known, required, unique
from zego_service.streams import parse_stream_ids

_FORM = '{"room_id": "demo", "privilege": {"1": 1, "2": 0}, "stream_id_list": null}'
_MEMBERS = ("room_id", "privilege", "stream_id_list")
_unique = partial(unique, what="member")


@dataclass(frozen=True, slots=True)
class PayloadRoom:
    """The room that a payload opens, and what it allows there. ``stream_ids`` None is any stream."""

    room_id: str
    login: bool
    publish: bool
    stream_ids: tuple[str, ...] | None


def room_of(payload: str) -> PayloadRoom | None:
    """The room of a payload; None for an empty one. Raises :class:`InvalidRequestError` for any other."""
    if not payload:
        return None
    try:
        members = _object(payload)
        check_known(members, _MEMBERS)
        login, publish = _privilege(required(members, "privilege"))
        streams = parse_stream_ids(members.get("stream_id_list"))
        return PayloadRoom(parse_room_id(required(members, "room_id")), login, publish, streams)
    except InvalidRequestError as error:
        place = f"{error.field}: " if error.field and not error.detail.startswith(error.field) else ""
        fault = f"{place}{error.detail}".replace("stream_ids", "stream_id_list")
        raise InvalidRequestError(f"payload must be like {_FORM}; {fault}", "payload") from None


def _object(payload: str) -> dict[str, Any]:
    try:
        members = json.loads(payload, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise InvalidRequestError("this is not a JSON object")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity, which Python takes for JSON


def _privilege(value: object) -> tuple[bool, bool]:
    """Whether to log in and to publish. Integers alone: ZEGO reads the text as it is."""
    if isinstance(value, dict) and value.keys() == {"1", "2"}:
        login, publish = value["1"], value["2"]
        if all(type(allowed) is int and allowed in (0, 1) for allowed in (login, publish)):
            return bool(login), bool(publish)
    raise InvalidRequestError("privilege must map both 1 (log in) and 2 (publish) to 0 or 1", "privilege")
