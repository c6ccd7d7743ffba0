"""The payload that makes a token04 a room token.

Source: https://www.zegocloud.com/docs/video-call/communication/using-token-authentication
"""

import json
from collections.abc import Sequence
from enum import IntEnum

from zego_token.checks import check_text
from zego_token.errors import ErrorCode, TokenError

compact_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class Privilege(IntEnum):
    """Keys of a privilege map; the value 1 allows, 0 denies."""

    LOGIN = 1
    PUBLISH = 2


def room_payload(
    room_id: str, *, login: bool = True, publish: bool = False, stream_ids: Sequence[str] | None = None
) -> str:
    """The payload of a token for one room.

    ``stream_ids`` limits which streams may be published; None allows any. An empty list is
    refused, because ZEGO takes it for "no check".

    Raises :class:`TokenError` with the field at fault.
    """
    check_text(room_id, ErrorCode.ROOM_ID_INVALID, "room_id")
    for field, value in (("login", login), ("publish", publish)):
        if type(value) is not bool:
            raise TokenError(ErrorCode.PRIVILEGE_INVALID, f"{field} must be a bool", field)
    if stream_ids is not None:
        _check_stream_ids(stream_ids)
    return compact_json(
        {
            "room_id": room_id,
            "privilege": {"1": int(login), "2": int(publish)},
            "stream_id_list": None if stream_ids is None else list(stream_ids),
        }
    )


def _check_stream_ids(stream_ids: object) -> None:
    if not isinstance(stream_ids, list | tuple) or not stream_ids:
        raise TokenError(
            ErrorCode.PRIVILEGE_INVALID,
            "stream_ids must be None or a non-empty list; ZEGO takes an empty one for 'no check'",
            "stream_ids",
        )
    for stream_id in stream_ids:
        check_text(stream_id, ErrorCode.PRIVILEGE_INVALID, "stream_ids")
