"""What ZEGO's products accept, in bytes of UTF-8 and seconds.

Sources: https://www.zegocloud.com/docs/video-call/reference/restrictions and
https://www.zegocloud.com/docs/zim-android/guides/users/authentication
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from zego_service.errors import InvalidRequestError

Product = Literal["rtc", "zim", "uikit"]

MAX_ROOM_ID_BYTES = 127
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


def check_id(value: str, field: str, most_bytes: int) -> None:
    """Refuse an id that is too long, or that a person could not tell from another.

    Characters that are invisible, reorder what is seen or pass for a space make two ids look alike,
    as do spaces around an id and text that is not in normal form C.
    """
    if len(value.encode()) > most_bytes:
        raise InvalidRequestError(f"{field} must be at most {most_bytes} bytes of UTF-8", field)
    if value != value.strip():
        raise InvalidRequestError(f"{field} must not begin or end with a space", field)
    if not all(_is_seen(character) for character in value) or _BLANK.search(value):
        raise InvalidRequestError(f"{field} must have visible characters and plain spaces only", field)
    if not unicodedata.is_normalized("NFC", value):
        raise InvalidRequestError(f"{field} must be in Unicode normal form C", field)


def _is_seen(character: str) -> bool:
    category = unicodedata.category(character)
    return category not in _UNSEEN and (category != "Zs" or character == " ")


def check_stream_ids(stream_ids: tuple[str, ...]) -> None:
    """Refuse a stream id that Express would refuse, or too many of them."""
    if len(stream_ids) > MAX_STREAM_IDS:
        raise InvalidRequestError(f"stream_ids must have at most {MAX_STREAM_IDS} entries", "stream_ids")
    if not all(_STREAM_ID.fullmatch(stream_id) for stream_id in stream_ids):
        raise InvalidRequestError(
            "each of stream_ids must have 1 to 255 letters, digits, '-' or '_'", "stream_ids"
        )


def check_ttl(seconds: int, product: Product) -> None:
    """Refuse a validity that the product would refuse."""
    allowed = LIMITS[product].ttl_seconds
    if allowed is not None and seconds not in allowed:
        name = "effective_time_in_seconds"
        raise InvalidRequestError(
            f"{name} must be from {allowed[0]} to {allowed[-1]} for the product {product}", name
        )
