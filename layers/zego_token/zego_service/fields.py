"""The fields of requests, events and rosters: untrusted values are checked here, once, where they come in.

Each ``parse_…`` returns the value, or raises :class:`InvalidRequestError` that names the field. Sizes are in
bytes of UTF-8. Sources: https://www.zegocloud.com/docs/video-call/reference/restrictions and
https://www.zegocloud.com/docs/zim-android/guides/users/authentication

User ids for ``rtc`` and ``uikit``, room ids and stream ids have exactly the characters that Express takes.
ZIM's SDK takes any character; only invisible ones are refused there, since two ids must not look alike.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from zego_service.characters import SDK_CLASS, SDK_SIGNS, named, not_of_sdk, unseen
from zego_service.errors import InvalidRequestError
from zego_service.names import nearest
from zego_service.rfc3339 import unix_seconds
from zego_token import MAX_APP_ID, MAX_EXPIRES_AT

Product = Literal["rtc", "zim", "uikit"]

MAX_ROOM_ID_BYTES = 127
MAX_USER_NAME_BYTES = 256
MAX_REVISION = 2**53 - 1  # all integers up to it are exact in every JSON parser
MAX_REQUEST_ID_CHARACTERS = 128
LATEST = 253_402_300_799  # the last second of the year 9999
_A_TIME = "Unix seconds, or a time such as 2026-12-01T09:00:00Z, with its offset"
_NUMBER = re.compile(r"-?[0-9]{1,20}")
_REQUEST_ID = re.compile(rf"[A-Za-z0-9_.-]{{1,{MAX_REQUEST_ID_CHARACTERS}}}")


@dataclass(frozen=True, slots=True)
class ProductLimits:
    """The limits in which the products differ; ``ttl_seconds`` is None where any is accepted."""

    user_id_bytes: int
    ttl_seconds: range | None = None


_EXPRESS = ProductLimits(user_id_bytes=63)
LIMITS: dict[Product, ProductLimits] = {
    "rtc": _EXPRESS,
    "uikit": _EXPRESS,
    "zim": ProductLimits(user_id_bytes=32, ttl_seconds=range(30, 24 * 86_400 + 1)),
}


def parse_app_id(value: object) -> int:
    """An AppID of ZEGO, 1 to 4,294,967,295."""
    return parse_integer(value, "app_id", range(1, MAX_APP_ID + 1))


def parse_user_id(value: object, product: Product = "rtc") -> str:
    """The id of a user of a product."""
    most_bytes = LIMITS[product].user_id_bytes
    return (_visible_id if product == "zim" else parse_sdk_id)(value, "user_id", most_bytes)


def parse_room_id(value: object) -> str:
    """The id of a room."""
    return parse_sdk_id(value, "room_id", MAX_ROOM_ID_BYTES)


def parse_known_user_id(value: object) -> str:
    """The id of a user who may be there already: of any product, or from before ids had Express's rule."""
    return _visible_id(value, "user_id", _EXPRESS.user_id_bytes)


def parse_known_room_id(value: object) -> str:
    """The id of a room that may be there already, from before ids had Express's rule."""
    return _visible_id(value, "room_id", MAX_ROOM_ID_BYTES)


def parse_sdk_id(value: object, field: str, most_bytes: int) -> str:
    """An id that Express takes, on the Web too."""
    text = _text(value, field)
    wrong = not_of_sdk(text)
    if wrong is not None:
        raise InvalidRequestError(
            f"{field} must not contain {named(wrong)}; ZEGO takes A to Z, a to z, 0 to 9 and {SDK_SIGNS}",
            field,
        )
    return _not_longer(text, field, most_bytes)


def parse_user_name(value: object) -> str:
    """The name that others see in UIKit, at most 256 bytes."""
    name = _text(value, "user_name")
    if len(name.encode()) > MAX_USER_NAME_BYTES:
        raise InvalidRequestError(
            f"user_name must be at most {MAX_USER_NAME_BYTES} bytes of UTF-8, not {len(name.encode())}",
            "user_name",
        )
    return name


def parse_text(value: object, field: str) -> str:
    """Any text that UTF-8 can carry, which may be empty."""
    if type(value) is not str:
        raise InvalidRequestError(f"{field} must be a string, not {kind_of(value)}", field)
    return _encodable(value, field)


def parse_token(value: object) -> str:
    """Text that is to be inspected: a token, or what somebody takes for one."""
    return _text(value, "token")


def parse_validity(value: object) -> int:
    """How long a token is to be valid, in seconds."""
    name = "effective_time_in_seconds"
    return _integer(value, name, range(1, MAX_EXPIRES_AT + 1), "a positive integer number of seconds")


def parse_flag(value: object, field: str) -> bool:
    """A JSON boolean."""
    if type(value) is not bool:
        raise InvalidRequestError(f"{field} must be true or false, not {kind_of(value)}", field)
    return value


def parse_choice(value: object, field: str, allowed: tuple[str, ...]) -> str:
    """One of some words."""
    if not isinstance(value, str) or value not in allowed:
        wrong = "another string" if isinstance(value, str) and value else kind_of(value)
        meant = nearest(value, allowed) if isinstance(value, str) else None
        hint = f'; did you mean "{meant}"?' if meant else ""
        raise InvalidRequestError(f"{field} must be one of {_quoted(allowed)}, not {wrong}{hint}", field)
    return value


def parse_revision(value: object) -> int:
    """The revision of a booking, 0 to 2**53 - 1."""
    return parse_integer(value, "revision", range(MAX_REVISION + 1))


def parse_request_id(value: object) -> str:
    """The id of a request for tokens."""
    text = _text(value, "request_id")
    if not _REQUEST_ID.fullmatch(text):
        raise InvalidRequestError(
            f"request_id must be 1 to {MAX_REQUEST_ID_CHARACTERS} letters, digits, '-', '_' or '.'",
            "request_id",
        )
    return text


def parse_time(value: object, field: str) -> int:
    """A time in Unix seconds, from Unix seconds or RFC 3339 with an offset; from 1970 to 9999."""
    seconds = _time_of(value, field) if isinstance(value, str) else _whole(value, field, _A_TIME)
    if not 0 <= seconds <= LATEST:
        hint = "; are these milliseconds?" if LATEST < seconds <= LATEST * 1000 else ""
        raise InvalidRequestError(f"{field} must be a time between 1970 and 9999{hint}", field)
    return seconds


def parse_integer(value: object, field: str, allowed: range) -> int:
    """An integer of a range."""
    return _integer(value, field, allowed, f"an integer from {allowed[0]} to {allowed[-1]}")


def id_pattern(most_bytes: int) -> str:
    """The ids that Express takes, as a regular expression for JSON Schema."""
    return f"^{SDK_CLASS}{{1,{most_bytes}}}$"


def check_ttl(seconds: int, product: Product) -> None:
    """Refuse a validity that the product would refuse."""
    allowed = LIMITS[product].ttl_seconds
    if allowed is not None and seconds not in allowed:
        name = "effective_time_in_seconds"
        raise InvalidRequestError(
            f"{name} must be from {allowed[0]} to {allowed[-1]} for the product {product}", name
        )


def _integer(value: object, field: str, allowed: range, wanted: str) -> int:
    number = _whole(value, field, wanted)
    if number not in allowed:
        wrong = "too small" if number < allowed[0] else "too large"
        raise InvalidRequestError(f"{field} must be {wanted}; this is {wrong}", field)
    return number


def _whole(value: object, field: str, wanted: str) -> int:
    """An integer of JSON, which may be written as 3600.0. Larger floats are not exact, so not taken."""
    if type(value) is int:
        return value
    if isinstance(value, float) and abs(value) <= MAX_REVISION and value.is_integer():
        return int(value)
    hint = ": write it without quotes" if isinstance(value, str) and _NUMBER.fullmatch(value) else ""
    raise InvalidRequestError(f"{field} must be {wanted}, not {kind_of(value)}{hint}", field)


def _time_of(text: str, field: str) -> int:
    if not text or _NUMBER.fullmatch(text):
        return _whole(text, field, _A_TIME)  # which refuses it
    try:
        return unix_seconds(text)
    except ValueError as fault:
        raise InvalidRequestError(f"{field} must be {_A_TIME}: {fault}", field) from None


def _visible_id(value: object, field: str, most_bytes: int) -> str:
    """An id that a person can tell from others.

    Characters that are invisible, reorder what is seen or pass for a space make two ids look alike,
    as do spaces around an id and text that is not in normal form C.
    """
    text = _not_longer(_text(value, field), field, most_bytes)
    if text != text.strip():
        raise InvalidRequestError(f"{field} must not begin or end with a space", field)
    hidden = unseen(text)
    if hidden is not None:
        raise InvalidRequestError(
            f"{field} must have visible characters and plain spaces only, not {named(hidden)}", field
        )
    if not unicodedata.is_normalized("NFC", text):
        raise InvalidRequestError(f"{field} must be in Unicode normal form C", field)
    return text


def _not_longer(text: str, field: str, most_bytes: int) -> str:
    size = len(text.encode())
    if size > most_bytes:
        raise InvalidRequestError(f"{field} must be at most {most_bytes} bytes of UTF-8, not {size}", field)
    return text


def _text(value: object, field: str) -> str:
    if type(value) is not str:
        raise InvalidRequestError(f"{field} must be a non-empty string, not {kind_of(value)}", field)
    if not value:
        raise InvalidRequestError(f"{field} must not be empty", field)
    return _encodable(value, field)


def _encodable(value: str, field: str) -> str:
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidRequestError(f"{field} must not contain a lone surrogate", field)
    return value


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def kind_of(value: object) -> str:
    """What a value of JSON is, for messages."""
    if isinstance(value, str):
        return "a string" if value else "an empty string"
    if isinstance(value, float):
        is_whole = value.is_integer() or value in (float("inf"), float("-inf"))
        return "a number that is too large" if is_whole else "a number with a fraction"
    for kind, words in _KINDS.items():
        if isinstance(value, kind):
            return words
    return "null" if value is None else "an object"


_KINDS: dict[type, str] = {bool: "true or false", int: "a number", list: "a list"}
