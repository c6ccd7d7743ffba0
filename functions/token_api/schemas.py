"""Requests, parsed strictly from bodies and query strings into what the service takes.

Every body becomes a request, or an error that names the field at fault.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

from token_api.bodies import integer_of, json_body
from token_api.gateway_events import query_of
from token_api.privileges import parse_privilege
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
    parse_text,
    parse_user_id,
    parse_user_name,
    parse_validity,
)
from zego_service.issuing.policy import own_user_id
from zego_service.issuing.requests import TokenRequest, Version
from zego_service.issuing.revoking import RevocationRequest, RevocationTarget
from zego_service.names import required, unique, unknown
from zego_service.provisioning.grants import PageKey
from zego_service.streams import parse_streams

MAX_PAGE = 1000  # grants in one answer

# The official generators' names for the fields.
ALIASES = {
    "appID": "app_id",
    "appId": "app_id",
    "userID": "user_id",
    "userId": "user_id",
    "userName": "user_name",
    "roomID": "room_id",
    "roomId": "room_id",
    "effectiveTimeInSeconds": "effective_time_in_seconds",
    "stream_id_list": "stream_ids",
}
TOKEN_FIELDS = {
    "app_id",
    "user_id",
    "version",
    "effective_time_in_seconds",
    "room_id",
    "privilege",
    "stream_ids",
    "product",
    "payload",
    "user_name",
}
_ENTRY_FIELDS = {"app_id", "user_id", "version", "effective_time_in_seconds", "product", "user_name"}
_TARGET_FIELDS = {"app_id", "user_id", "room_id"}


def token_request(event: Mapping[str, Any], caller: Caller) -> TokenRequest:
    """The token that the event's body asks for. A user need not name itself.

    Raises :class:`HttpError`, :class:`InvalidRequestError` or :class:`NotEntitledError`.
    """
    has_body = bool(event.get("body")) or caller.is_service
    return token_of(body_fields(event, TOKEN_FIELDS) if has_body else {}, caller)


def token_of(fields: Mapping[str, Any], caller: Caller) -> TokenRequest:
    """The token that fields under their own names ask for. Raises as :func:`token_request` does."""
    return TokenRequest(**_parsed(fields, caller))


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
    fields = canonical(unique(query_of(event)), known)
    for name in numbers:
        text = fields.get(name)
        if isinstance(text, str) and text.isascii() and text.isdecimal():
            fields[name] = integer_of(text)
    return fields


def body_fields(event: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """The fields of the event's body, unparsed. Raises as :func:`token_request` does."""
    return canonical(json_body(event), known)


def canonical(body: dict[str, Any], known: set[str]) -> dict[str, Any]:
    """The members under their fields' own names. Raises :class:`InvalidRequestError`."""
    fields: dict[str, Any] = {}
    for name, value in body.items():
        field = ALIASES.get(name, name)
        if field not in known:
            raise unknown(name, known)
        if field in fields:
            raise InvalidRequestError(f"{field} must not be given under two names", field)
        fields[field] = value
    return fields


def _parsed(fields: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """The fields of a request for a token, each checked. A user that names nobody is itself."""
    parsed = {name: _PARSERS[name](value) for name, value in fields.items() if name in _PARSERS}
    named = required(fields, "user_id") if caller.is_service else fields.get("user_id", caller.subject)
    user_id = _user_named(named, caller, parsed.get("product", "rtc"))
    stream_ids = parse_streams(fields.get("stream_ids"), parsed.get("room_id"), user_id)
    return parsed | {"user_id": user_id, "stream_ids": stream_ids}


# Of each field by itself. A user's id depends on the product, streams on the user and the room.
_PARSERS: dict[str, Callable[[object], Any]] = {
    "app_id": parse_app_id,
    "version": partial(parse_choice, field="version", allowed=get_args(Version)),
    "effective_time_in_seconds": parse_validity,
    "room_id": parse_room_id,
    "privilege": parse_privilege,
    "product": partial(parse_choice, field="product", allowed=get_args(Product)),
    "payload": partial(parse_text, field="payload"),
    "user_name": parse_user_name,
}
