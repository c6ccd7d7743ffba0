"""The streams that a token lets its user publish, checked where they come in."""

from zego_service.errors import InvalidRequestError
from zego_service.fields import kind_of, parse_sdk_id

MAX_STREAM_ID_BYTES = 255
MAX_STREAM_IDS = 100  # as many of the longest ones as surely fit into a token
UIKIT_STREAMS = "uikit"
_MAX_STREAMS_BYTES = MAX_STREAM_IDS * MAX_STREAM_ID_BYTES


def parse_stream_ids(value: object) -> tuple[str, ...] | None:
    """The ids of at least one stream, from a list; None stays None, which stands for any stream."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise InvalidRequestError(
            f"stream_ids must be a list, or null for any stream, not {kind_of(value)}", "stream_ids"
        )
    if not value:
        raise InvalidRequestError(
            'stream_ids must not be empty, which ZEGO reads as "no check"; null stands for any stream',
            "stream_ids",
        )
    if len(value) > MAX_STREAM_IDS:
        raise InvalidRequestError(
            f"stream_ids must have at most {MAX_STREAM_IDS} entries, not {len(value)}", "stream_ids"
        )
    stream_ids = tuple(_stream_id(stream_id) for stream_id in value)
    if sum(map(_bytes_in_token, stream_ids)) > _MAX_STREAMS_BYTES:
        raise InvalidRequestError(
            f"stream_ids must have at most {_MAX_STREAMS_BYTES} bytes in all, where a backslash counts 4",
            "stream_ids",
        )
    return stream_ids


def parse_streams(value: object, room_id: str | None, user_id: str) -> tuple[str, ...] | None:
    """The streams of a user in a room, as :func:`parse_stream_ids`; "uikit" stands for those of ZEGO's UIKit.

    UIKit for the Web publishes a camera and a shared screen under names of its own.
    """
    if value != UIKIT_STREAMS:
        return parse_stream_ids(value)
    if room_id is None:
        raise InvalidRequestError(f'stream_ids "{UIKIT_STREAMS}" needs a room_id', "stream_ids")
    return tuple(f"{room_id}_{user_id}_{stream}" for stream in ("main", "screensharing"))


def _bytes_in_token(stream_id: str) -> int:
    return len(stream_id) + 3 * stream_id.count("\\")  # it is JSON within JSON there


def _stream_id(value: object) -> str:
    try:
        return parse_sdk_id(value, "a stream id", MAX_STREAM_ID_BYTES)
    except InvalidRequestError as error:
        raise InvalidRequestError(error.detail, "stream_ids") from None
