"""Request bodies, parsed strictly into what the service takes.

Every body becomes a request, or an error that names the field at fault.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from math import nan
from typing import Any, NoReturn, get_args

from token_api.gateway_events import query_of
from token_api.problems import HttpError
from zego_service.callers import Caller
from zego_service.errors import InvalidRequestError
from zego_service.fields import (
    LATEST,
    Product,
    parse_app_id,
    parse_choice,
    parse_flag,
    parse_integer,
    parse_known_room_id,
    parse_known_user_id,
    parse_room_id,
    parse_stream_ids,
    parse_text,
    parse_user_id,
    parse_validity,
)
from zego_service.issuing.policy import own_user_id
from zego_service.issuing.requests import RoomPrivilege, TokenRequest, Version
from zego_service.issuing.revoking import RevocationRequest, RevocationTarget
from zego_service.names import required, shown, unknown
from zego_service.provisioning.grants import PageKey

MAX_BODY_BYTES = 65_536
MAX_PAGE = 1000  # grants in one answer
_BODY = "body"
_UTF8 = ("utf-8", "utf8", "us-ascii")
_MAX_INTEGER_DIGITS = 20  # all that any field may hold, and more
_MAX_FLOAT_CHARACTERS = 64

# The official generators' names for the fields.
_ALIASES = {
    "appID": "app_id",
    "appId": "app_id",
    "userID": "user_id",
    "userId": "user_id",
    "roomID": "room_id",
    "roomId": "room_id",
    "effectiveTimeInSeconds": "effective_time_in_seconds",
    "stream_id_list": "stream_ids",
}
_TOKEN_FIELDS = {
    "app_id",
    "user_id",
    "version",
    "effective_time_in_seconds",
    "room_id",
    "privilege",
    "stream_ids",
    "product",
    "payload",
}
_ENTRY_FIELDS = {"app_id", "user_id", "version", "effective_time_in_seconds"}
_TARGET_FIELDS = {"app_id", "user_id", "room_id"}
_PRIVILEGE_SPELLINGS: dict[frozenset[str], tuple[str, str, tuple[type, ...]]] = {
    frozenset(("login", "publish")): ("login", "publish", (bool,)),
    frozenset(("canLoginRoom", "canPublishStream")): ("canLoginRoom", "canPublishStream", (bool,)),
    frozenset(("1", "2")): ("1", "2", (int, float)),
}


def token_request(event: Mapping[str, Any], caller: Caller) -> TokenRequest:
    """The token that the event's body asks for. A user need not name itself.

    Raises :class:`HttpError`, :class:`InvalidRequestError` or :class:`NotEntitledError`.
    """
    has_body = bool(event.get("body")) or caller.is_service
    return TokenRequest(**_parsed(body_fields(event, _TOKEN_FIELDS) if has_body else {}, caller))


def entry_request(event: Mapping[str, Any], caller: Caller, room_id: str) -> TokenRequest:
    """A request for the token of a grant; the body may be empty. Raises as :func:`token_request` does."""
    fields = body_fields(event, _ENTRY_FIELDS) if event.get("body") else {}
    return TokenRequest(room_id=parse_room_id(room_id), **_parsed(fields, caller))


def _user_named(value: object, caller: Caller, product: Product) -> str:
    """The id of the user that a request names."""
    is_own = not caller.is_service and value == caller.subject
    return own_user_id(caller, product) if is_own else parse_user_id(value, product)


@dataclass(frozen=True, slots=True)
class GrantsQuery:
    """Which grants to show: those of the app that come after those of a page before."""

    app_id: int | None
    limit: int
    after: PageKey | None


def grants_query(event: Mapping[str, Any]) -> GrantsQuery:
    """What the event's query string asks for. Raises as :func:`token_request` does."""
    fields = _query_fields(event, {"app_id", "limit", "after"}, "app_id", "limit")
    app_id = parse_app_id(fields["app_id"]) if "app_id" in fields else None
    limit = parse_integer(fields.get("limit", MAX_PAGE), "limit", range(1, MAX_PAGE + 1))
    return GrantsQuery(app_id, limit, PageKey.from_cursor(fields["after"]) if "after" in fields else None)


def revocation_request(event: Mapping[str, Any]) -> RevocationRequest:
    """What the event's body revokes. Raises as :func:`token_request` does."""
    fields = body_fields(event, {*_TARGET_FIELDS, "until", "kick"})
    until = parse_integer(required(fields, "until"), "until", range(LATEST + 1))
    kick = parse_flag(fields.get("kick", False), "kick")
    target = require_target(_target(fields, parse_room_id))
    if kick and (target.user_id is None or target.room_id is None):
        raise InvalidRequestError("kick needs both a user_id and a room_id", "kick")
    return RevocationRequest(target, until, kick)


def revocation_query(event: Mapping[str, Any]) -> RevocationTarget:
    """Whom the event's query string names. Raises as :func:`token_request` does."""
    return _target(_query_fields(event, _TARGET_FIELDS, "app_id"), parse_known_room_id)


def require_target(target: RevocationTarget) -> RevocationTarget:
    """The target, which must be a user, a room, or a user in a room."""
    if target.user_id is None and target.room_id is None:
        raise InvalidRequestError("name a user_id, a room_id, or both", "user_id")
    return target


def _target(fields: Mapping[str, Any], parse_room: Callable[[object], str]) -> RevocationTarget:
    parsers: dict[str, Callable[[object], Any]] = {
        "app_id": parse_app_id,
        "user_id": parse_known_user_id,
        "room_id": parse_room,
    }
    return RevocationTarget(
        **{name: parse(fields[name]) for name, parse in parsers.items() if name in fields}
    )


def _query_fields(event: Mapping[str, Any], known: set[str], *numbers: str) -> dict[str, Any]:
    """The fields of the query string. Those named in ``numbers`` become integers where possible."""
    fields = _canonical(_object(query_of(event)), known)
    for name in numbers:
        text = fields.get(name)
        if isinstance(text, str) and text.isascii() and text.isdecimal():
            fields[name] = _integer(text)
    return fields


def body_fields(event: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """The fields of the event's body, unparsed. Raises as :func:`token_request` does."""
    return _canonical(_json_object(_body_text(event)), known)


def _body_text(event: Mapping[str, Any]) -> str:
    body = event.get("body")
    if not isinstance(body, str) or not body:
        raise InvalidRequestError("the request needs a JSON object as its body", _BODY)
    _check_media_type(event["headers"].get("content-type", ""))
    data = _body_bytes(body, is_base64=event.get("isBase64Encoded") is True)
    if data is not None and len(data) > MAX_BODY_BYTES:
        raise HttpError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body_too_large",
            f"the body must be at most {MAX_BODY_BYTES} bytes",
            _BODY,
        )
    text = None if data is None else _utf8(data)
    if text is None:
        raise InvalidRequestError("the body is not UTF-8 text", _BODY)
    return text


def _body_bytes(body: str, *, is_base64: bool) -> bytes | None:
    try:
        return b64decode(body, validate=True) if is_base64 else body.encode()
    except ValueError:
        return None


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")  # some clients write a byte order mark
    except UnicodeDecodeError:
        return None


def _check_media_type(content_type: str) -> None:
    """Refuse a body that does not say that it is JSON. A page can send one only after a preflight."""
    if not all(map(_is_json, content_type.split(","))):
        found = f"not {shown(content_type)}" if content_type else "the request has none"
        detail = f"the Content-Type must be application/json{',' if content_type else ';'} {found}"
        raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail, "Content-Type")


def _is_json(content_type: str) -> bool:
    """Whether this is JSON, in UTF-8, which is all that JSON may be (RFC 8259, section 8.1)."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [
        value.strip('" ')
        for name, _, value in (p.partition("=") for p in parameters)
        if name.strip() == "charset"
    ]
    return media_type == "application/json" and all(charset in _UTF8 for charset in charsets)


def _json_object(text: str) -> dict[str, Any]:
    try:
        body = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise InvalidRequestError("the body must be one JSON object", _BODY)
    return body


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise InvalidRequestError("a field must not be given twice", shown(name))
        members[name] = value
    return members


def _integer(digits: str) -> int | float:
    # int() takes quadratic time and stops at 4,300 digits; as a float, the field's own check refuses it.
    return int(digits) if len(digits) <= _MAX_INTEGER_DIGITS else float(digits)


def _float(text: str) -> float:
    """A number with a point or an exponent. 0.99…9 must not be rounded to 1: then it is not a number."""
    number = float(text)
    is_exact = not number.is_integer() or (len(text) <= _MAX_FLOAT_CHARACTERS and Decimal(text) == number)
    return number if is_exact else nan


def _refuse_constant(_name: str) -> NoReturn:
    raise InvalidRequestError("NaN and Infinity are not JSON", _BODY)


def _canonical(body: dict[str, Any], known: set[str]) -> dict[str, Any]:
    """The body under its fields' own names."""
    fields: dict[str, Any] = {}
    for name, value in body.items():
        field = _ALIASES.get(name, name)
        if field not in known:
            raise unknown(name, known)
        if field in fields:
            raise InvalidRequestError(f"{field} must not be given under two names", field)
        fields[field] = value
    return fields


def _parsed(fields: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The fields of a request for a token, each checked. A user that names nobody is itself."""
    parsed = {name: _PARSERS[name](value) for name, value in fields.items() if name != "user_id"}
    named = required(fields, "user_id") if caller.is_service else fields.get("user_id", caller.subject)
    return parsed | {"user_id": _user_named(named, caller, parsed.get("product", "rtc"))}


def _room_privilege(value: object) -> RoomPrivilege:
    spelling = _PRIVILEGE_SPELLINGS.get(frozenset(value)) if isinstance(value, dict) else None
    if isinstance(value, dict) and spelling is not None:
        login, publish, kinds = value[spelling[0]], value[spelling[1]], spelling[2]
        if all(type(allowed) in kinds and allowed in (0, 1) for allowed in (login, publish)):
            return RoomPrivilege(login=bool(login), publish=bool(publish))
    raise InvalidRequestError(
        'privilege must be {"login": true or false, "publish": true or false}', "privilege"
    )


_PARSERS: dict[str, Callable[[object], Any]] = {
    "app_id": parse_app_id,
    "user_id": parse_user_id,
    "version": partial(parse_choice, field="version", allowed=get_args(Version)),
    "effective_time_in_seconds": parse_validity,
    "room_id": parse_room_id,
    "privilege": _room_privilege,
    "stream_ids": parse_stream_ids,
    "product": partial(parse_choice, field="product", allowed=get_args(Product)),
    "payload": partial(parse_text, field="payload"),
}
