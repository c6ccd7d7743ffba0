"""The schemas of single values, with the limits that the code has."""

from openapi.parts import Schema, closed_object
from token_api.schemas import MAX_PAGE
from zego_service.fields import (
    LIMITS,
    MAX_REQUEST_ID_CHARACTERS,
    MAX_ROOM_ID_BYTES,
    MAX_USER_NAME_BYTES,
    id_pattern,
)
from zego_service.issuing.renewal import LEAST_SECONDS
from zego_service.settings import Settings
from zego_service.streams import MAX_STREAM_ID_BYTES, MAX_STREAM_IDS
from zego_token import MAX_APP_ID, MAX_EXPIRES_AT

_DEFAULTS = Settings()


def _id(most_bytes: int) -> Schema:
    return {
        "type": "string",
        "pattern": id_pattern(most_bytes),
        "description": f"At most {most_bytes} characters, of those that ZEGO's SDKs take on the Web too.",
    }


def _visible_id(of: str, most_bytes: int) -> Schema:
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": most_bytes,
        "format": f"zego-{of}",
        "description": f"At most {most_bytes} bytes of UTF-8. Visible characters in Unicode normal form C, "
        "no spaces around them.",
    }


VALUES: Schema = {
    "AppId": {"type": "integer", "minimum": 1, "maximum": MAX_APP_ID},
    "UserId": _id(LIMITS["rtc"].user_id_bytes),
    "ZimUserId": _visible_id("zim-user-id", LIMITS["zim"].user_id_bytes),
    "RoomId": _id(MAX_ROOM_ID_BYTES),
    "KnownUserId": _visible_id("known-user-id", LIMITS["rtc"].user_id_bytes),
    "KnownRoomId": _visible_id("known-room-id", MAX_ROOM_ID_BYTES),
    "UserName": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_USER_NAME_BYTES,
        "format": "zego-user-name",
        "description": f"The name that others see in UIKit, at most {MAX_USER_NAME_BYTES} bytes of UTF-8.",
    },
    "Validity": {
        "type": "integer",
        "minimum": LEAST_SECONDS,
        "maximum": MAX_EXPIRES_AT,
        "description": "Seconds that the token is valid. A deployment has a default "
        f"({_DEFAULTS.default_ttl_seconds}) and a maximum ({_DEFAULTS.max_ttl_seconds}).",
    },
    "Privilege": {
        "oneOf": [
            closed_object({"login": {"type": "boolean"}, "publish": {"type": "boolean"}}),
            closed_object({"canLoginRoom": {"type": "boolean"}, "canPublishStream": {"type": "boolean"}}),
            closed_object({"1": {"enum": [0, 1]}, "2": {"enum": [0, 1]}}),
        ],
        "description": "What the token allows in its room. Default: to log in, and not to publish.",
    },
    "RequestId": {
        "type": "string",
        "pattern": f"^[A-Za-z0-9_.-]{{1,{MAX_REQUEST_ID_CHARACTERS}}}$",
        "description": "The request_id of a `Zego Tokens Requested` event.",
    },
    "PageSize": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": MAX_PAGE},
    "GrantCursor": {"type": "string", "minLength": 1, "format": "zego-grant-cursor"},
    "StreamIds": {
        "type": ["array", "null"],
        "items": _id(MAX_STREAM_ID_BYTES),
        "minItems": 1,
        "maxItems": MAX_STREAM_IDS,
        "description": "The only streams that may be published; null for any.",
    },
}
