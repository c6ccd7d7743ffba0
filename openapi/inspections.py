"""The schemas of `POST /v1/tokens/inspect`."""

from openapi.parts import Schema, closed_object, ref
from zego_service.fields import LIMITS

_SECONDS = {"type": "integer", "description": "Unix time in seconds."}
INSPECTION_SCHEMAS: Schema = {
    "InspectionRequest": closed_object(
        {
            "token": {"type": "string", "minLength": 1, "description": "What the client gives ZEGO's SDK."},
            "app_id": {
                **ref("AppId"),
                "description": "The AppID that the client uses. Default: the deployment's.",
            },
            "user_id": {**ref("KnownUserId"), "description": "The user that logs in with it."},
            "room_id": {**ref("KnownRoomId"), "description": "The room that the user logs in to."},
            "product": {"enum": [*LIMITS], "default": "rtc", "description": "The SDK. Default: `rtc`."},
        },
        ("token",),
    ),
    "Inspection": closed_object(
        {
            "token": {"oneOf": [{"type": "null"}, ref("InspectedToken")]},
            "findings": {
                "type": "array",
                "items": ref("Finding"),
                "description": "The likeliest first; empty where nothing is wrong.",
            },
        }
    ),
    "InspectedToken": closed_object(
        {
            "version": {"enum": ["03", "04"]},
            "cipher": {"enum": ["gcm", "cbc"]},
            "app_id": {"type": "integer"},
            "user_id": {"type": "string"},
            "room_id": {"type": ["string", "null"]},
            "privilege": {
                "oneOf": [
                    {"type": "null"},
                    closed_object({"login": {"type": "boolean"}, "publish": {"type": "boolean"}}),
                ]
            },
            "issued_at": _SECONDS,
            "expires_at": _SECONDS,
            "expires_in": {"type": "integer", "description": "Seconds from now; negative once it expired."},
        }
    ),
    "Finding": closed_object(
        {
            "code": {"type": "string", "pattern": "^[a-z0-9-]+$", "description": "Stable."},
            "sentence": {"type": "string"},
            "what_to_do": {"type": "string"},
            "client_error_codes": {
                "type": "array",
                "items": {"type": "integer"},
                "description": "The codes that ZEGO's SDKs raise because of it.",
            },
            "severity": {
                "enum": ["error", "note"],
                "description": "note: ZEGO does not refuse a login because of it.",
            },
        }
    ),
}
