"""The fields of requests, events and rosters: untrusted values are checked here, once, where they come in.

Each ``parse_…`` returns the value, or raises :class:`InvalidRequestError` that names the field. Sizes are in
bytes of UTF-8. Sources: https://www.zegocloud.com/docs/video-call/reference/restrictions and
https://www.zegocloud.com/docs/zim-android/guides/users/authentication
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from zego_service.errors import InvalidRequestError
from zego_token import MAX_APP_ID, MAX_EXPIRES_AT

Product = Literal["rtc", "zim", "uikit"]

MAX_ROOM_ID_BYTES = 127
MAX_REVISION = 2**53 - 1  # all integers up to it are exact in every JSON parser
MAX_REQUEST_ID_CHARACTERS = 128
LATEST = 253_402_300_799  # the last second of the year 9999
_MAX_SHOWN_CHARACTERS = 64
_REQUEST_ID = re.compile(rf"[A-Za-z0-9_.-]{{1,{MAX_REQUEST_ID_CHARACTERS}}}")
# Control, format (invisible or reordering), unassigned, private, and breaking characters.
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
# Letters and signs that show as nothing or as a space, and variation selectors.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
MAX_STREAM_IDS = 100  # as many of the longest ones as surely fit into a token
_STREAM_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")


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


def check_known(names: Iterable[object], known: Collection[str], what: str = "field") -> None:
    """Refuse unknown names, so that a typo cannot change what is asked for."""
    for name in names:
        if name not in known:
            raise unknown(str(name), what)


def unknown(name: str, what: str = "field") -> InvalidRequestError:
    """The error for a name that no field has."""
    return InvalidRequestError(f"this {what} is not known", shown(name))


def shown(name: str) -> str:
    """A name from outside, short enough to be sent back."""
    return name if len(name) <= _MAX_SHOWN_CHARACTERS else name[:_MAX_SHOWN_CHARACTERS] + "…"


def parse_app_id(value: object) -> int:
    """An AppID of ZEGO, 1 to 4,294,967,295."""
    return _whole(value, "app_id", range(1, MAX_APP_ID + 1))


def parse_user_id(value: object, product: Product = "rtc") -> str:
    """The id of a user of a product."""
    return _id(value, "user_id", LIMITS[product].user_id_bytes)


def parse_room_id(value: object) -> str:
    """The id of a room."""
    return _id(value, "room_id", MAX_ROOM_ID_BYTES)


def parse_stream_ids(value: object) -> tuple[str, ...] | None:
    """The ids of at least one stream, from a list; None stays None, which stands for any stream."""
    if value is None:
        return None
    if not isinstance(value, list) or not value:
        raise InvalidRequestError("stream_ids must be a non-empty list, or null for any stream", "stream_ids")
    stream_ids = tuple(_text(stream_id, "stream_ids") for stream_id in value)
    if len(stream_ids) > MAX_STREAM_IDS:
        raise InvalidRequestError(f"stream_ids must have at most {MAX_STREAM_IDS} entries", "stream_ids")
    if not all(_STREAM_ID.fullmatch(stream_id) for stream_id in stream_ids):
        raise InvalidRequestError(
            "each of stream_ids must have 1 to 255 letters, digits, '-' or '_'", "stream_ids"
        )
    return stream_ids


def parse_payload(value: object) -> str:
    """The payload of a token04, which may be empty."""
    if type(value) is not str:
        raise InvalidRequestError("payload must be a string", "payload")
    return _encodable(value, "payload")


def parse_token(value: object) -> str:
    """Text that is to be inspected: a token, or what somebody takes for one."""
    return _text(value, "token")


def parse_validity(value: object) -> int:
    """How long a token is to be valid, in seconds."""
    name = "effective_time_in_seconds"
    if type(value) is not int or not 1 <= value <= MAX_EXPIRES_AT:
        raise InvalidRequestError(f"{name} must be a positive integer number of seconds", name)
    return value


def parse_flag(value: object, field: str) -> bool:
    """A JSON boolean."""
    if type(value) is not bool:
        raise InvalidRequestError(f"{field} must be true or false", field)
    return value


def parse_choice(value: object, field: str, allowed: tuple[str, ...]) -> str:
    """One of some words."""
    if not isinstance(value, str) or value not in allowed:
        raise InvalidRequestError(f"{field} must be one of {', '.join(allowed)}", field)
    return value


def parse_revision(value: object) -> int:
    """The revision of a booking, 0 to 2**53 - 1."""
    return _whole(value, "revision", range(MAX_REVISION + 1))


def parse_request_id(value: object) -> str:
    """The id of a request for tokens."""
    if not isinstance(value, str) or not _REQUEST_ID.fullmatch(value):
        raise InvalidRequestError(
            f"request_id must be 1 to {MAX_REQUEST_ID_CHARACTERS} letters, digits, '-', '_' or '.'",
            "request_id",
        )
    return value


def parse_time(value: object, field: str) -> int:
    """A time in Unix seconds, from Unix seconds or RFC 3339 with an offset; from 1970 to 9999."""
    moment = _moment(value) if isinstance(value, str) else None
    if moment is not None and moment.tzinfo is not None:
        seconds = int(moment.timestamp())
    elif type(value) is int:
        seconds = value
    else:
        raise InvalidRequestError(
            f"{field} must be Unix seconds, or a time such as 2026-12-01T09:00:00Z, with its offset", field
        )
    if not 0 <= seconds <= LATEST:
        raise InvalidRequestError(f"{field} must be a time between 1970 and 9999", field)
    return seconds


def check_ttl(seconds: int, product: Product) -> None:
    """Refuse a validity that the product would refuse."""
    allowed = LIMITS[product].ttl_seconds
    if allowed is not None and seconds not in allowed:
        name = "effective_time_in_seconds"
        raise InvalidRequestError(
            f"{name} must be from {allowed[0]} to {allowed[-1]} for the product {product}", name
        )


def _whole(value: object, field: str, allowed: range) -> int:
    if type(value) is not int or value not in allowed:
        raise InvalidRequestError(f"{field} must be an integer from {allowed[0]} to {allowed[-1]}", field)
    return value


def _id(value: object, field: str, most_bytes: int) -> str:
    """An id that is not too long, and that a person can tell from others.

    Characters that are invisible, reorder what is seen or pass for a space make two ids look alike,
    as do spaces around an id and text that is not in normal form C.
    """
    text = _text(value, field)
    if len(text.encode()) > most_bytes:
        raise InvalidRequestError(f"{field} must be at most {most_bytes} bytes of UTF-8", field)
    if text != text.strip():
        raise InvalidRequestError(f"{field} must not begin or end with a space", field)
    if not all(_is_seen(character) for character in text) or _BLANK.search(text):
        raise InvalidRequestError(f"{field} must have visible characters and plain spaces only", field)
    if not unicodedata.is_normalized("NFC", text):
        raise InvalidRequestError(f"{field} must be in Unicode normal form C", field)
    return text


def _is_seen(character: str) -> bool:
    category = unicodedata.category(character)
    return category not in _UNSEEN and (category != "Zs" or character == " ")


def _text(value: object, field: str) -> str:
    if type(value) is not str or not value:
        raise InvalidRequestError(f"{field} must be a non-empty string", field)
    return _encodable(value, field)


def _encodable(value: str, field: str) -> str:
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidRequestError(f"{field} must not contain a lone surrogate", field)
    return value


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
