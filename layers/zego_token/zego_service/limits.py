"""What ZEGO's products accept, in bytes of UTF-8 and seconds.

Sources: https://www.zegocloud.com/docs/video-call/reference/restrictions and
https://www.zegocloud.com/docs/zim-android/guides/users/authentication
"""

import re
from dataclasses import dataclass
from typing import Literal

from zego_service.errors import InvalidRequestError

Product = Literal["rtc", "zim", "uikit"]

MAX_ROOM_ID_BYTES = 127
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


def check_user_id(user_id: str, product: Product) -> None:
    """Raise :class:`InvalidRequestError` where the product would refuse the user id."""
    _check_bytes(user_id, LIMITS[product].user_id_bytes, "user_id")


def check_room_id(room_id: str) -> None:
    """Raise :class:`InvalidRequestError` where Express would refuse the room id."""
    _check_bytes(room_id, MAX_ROOM_ID_BYTES, "room_id")


def check_stream_ids(stream_ids: tuple[str, ...]) -> None:
    """Raise :class:`InvalidRequestError` where Express would refuse a stream id, or for too many."""
    if len(stream_ids) > MAX_STREAM_IDS:
        raise InvalidRequestError(f"stream_ids must have at most {MAX_STREAM_IDS} entries", "stream_ids")
    if not all(_STREAM_ID.fullmatch(stream_id) for stream_id in stream_ids):
        raise InvalidRequestError(
            "each of stream_ids must have 1 to 255 letters, digits, '-' or '_'", "stream_ids"
        )


def check_ttl(seconds: int, product: Product) -> None:
    """Raise :class:`InvalidRequestError` where the product would refuse the validity."""
    allowed = LIMITS[product].ttl_seconds
    if allowed is not None and seconds not in allowed:
        name = "effective_time_in_seconds"
        raise InvalidRequestError(
            f"{name} must be from {allowed[0]} to {allowed[-1]} for the product {product}", name
        )


def _check_bytes(value: str, most: int, field: str) -> None:
    if len(value.encode()) > most:
        raise InvalidRequestError(f"{field} must be at most {most} bytes of UTF-8", field)
