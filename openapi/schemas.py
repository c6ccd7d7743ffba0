"""The schemas of bodies, parameters and answers, with the limits that the code has."""

from openapi.parts import Schema, closed_object, ref
from openapi.values import VALUES
from zego_service.fields import LIMITS
from zego_service.issuing.renewal import LEAST_SECONDS_LEFT
from zego_service.streams import UIKIT_STREAMS

_SECONDS = {"type": "integer", "description": "Unix time in seconds."}
_FROM_NOW = {"type": "integer", "minimum": 0}


_APP = {**ref("AppId"), "description": "The AppID. Default: the deployment's."}
_USER = {
    **ref("UserId"),
    "description": "The user. A service must name one, a user may leave it out. "
    + VALUES["UserId"]["description"],
}
_ROOM = {
    **ref("RoomId"),
    "description": "The one room that the token is for. A token03 needs one. Without it, a token04 opens "
    "every room. " + VALUES["RoomId"]["description"],
}
_PRODUCT = "What the token is for. Default: `rtc`. A token for `zim` has no room."


def _token_request(title: str, properties: Schema, *required: str) -> Schema:
    common = {
        "app_id": _APP,
        "user_id": _USER,
        "version": {"const": "04", "default": "04", "description": "Default: `04`."},
        "effective_time_in_seconds": ref("Validity"),
        "product": {"enum": ["rtc", "uikit"], "default": "rtc", "description": _PRODUCT},
    }
    return {"title": title, **closed_object({**common, **properties}, required)}


_STREAMS: Schema = {
    "oneOf": [ref("StreamIds"), {"const": UIKIT_STREAMS, "description": "The streams that UIKit publishes."}],
    "description": f"The only streams that may be published; null for any. `{UIKIT_STREAMS}` stands for "
    "those of UIKit.",
}
_ISSUED: Schema = {
    "token": {
        "type": "string",
        "pattern": "^0[34][A-Za-z0-9+/]+={0,2}$",
        "description": "What the client gives ZEGO's SDK.",
    },
    "version": {"enum": ["03", "04"]},
    "cipher": {"enum": ["gcm", "cbc"], "description": "How it is encrypted."},
    "app_id": {**ref("AppId"), "description": "The AppID, which the SDK needs."},
    "user_id": {"type": "string", "description": "The only user that can log in with it."},
    "room_id": {"type": ["string", "null"], "description": "Its room; null for a token that has none."},
    "privilege": {
        "oneOf": [
            {"type": "null"},
            closed_object({"login": {"type": "boolean"}, "publish": {"type": "boolean"}}),
        ],
        "description": "What it allows in its room; null for a token that has none.",
    },
    "stream_ids": ref("StreamIds"),
    "issued_at": _SECONDS,
    "expires_at": _SECONDS,
    "refresh_after": {**_SECONDS, "description": "Unix time in seconds from which to get a new one."},
    "expires_in": {**_FROM_NOW, "description": "Seconds from now until expires_at."},
    "refresh_in": {
        **_FROM_NOW,
        "description": "Seconds from now until refresh_after, for clients with a wrong clock.",
    },
}
_ZIM_SECONDS = LIMITS["zim"].ttl_seconds or range(0)
TOKEN_SCHEMAS: Schema = {
    "TokenRequest": {
        "oneOf": [
            ref(name)
            for name in (
                "RoomToken",
                "NamedUIKitToken",
                "BasicToken",
                "PayloadToken",
                "ZimToken",
                "RoomToken03",
            )
        ]
    },
    "RoomToken": _token_request(
        "A token04 for one room",
        {"room_id": _ROOM, "privilege": ref("Privilege"), "stream_ids": _STREAMS},
        "room_id",
    ),
    "NamedUIKitToken": _token_request(
        "A token04 and a kit token for one room, with the name that others see",
        {
            "room_id": _ROOM,
            "privilege": ref("Privilege"),
            "stream_ids": _STREAMS,
            "product": {"const": "uikit"},
            "user_name": ref("UserName"),
        },
        "room_id",
        "product",
        "user_name",
    ),
    "BasicToken": _token_request("A token04 that opens every room", {"stream_ids": {"type": "null"}}),
    "PayloadToken": _token_request(
        "A token04 with a payload of your own",
        {
            "payload": {
                "type": "string",
                "format": "zego-payload",
                "description": "For services, instead of a room_id: a room's payload in ZEGO's form, or "
                "empty. It goes into the token as it is: "
                '`{"room_id": "demo", "privilege": {"1": 1, "2": 0}, "stream_id_list": null}`.',
            },
            "stream_ids": {"type": "null"},
        },
        "payload",
    ),
    "ZimToken": _token_request(
        "A token04 for ZIM",
        {
            "user_id": {
                **ref("ZimUserId"),
                "description": f"For ZIM: a{VALUES['ZimUserId']['description'][1:]}",
            },
            "product": {"const": "zim"},
            "effective_time_in_seconds": {
                "type": "integer",
                "minimum": _ZIM_SECONDS[0],
                "maximum": _ZIM_SECONDS[-1],
                "description": f"For ZIM: {_ZIM_SECONDS[0]} to {_ZIM_SECONDS[-1]}.",
            },
            "stream_ids": {"type": "null"},
        },
        "product",
    ),
    "RoomToken03": _token_request(
        "A token03, for one room",
        {
            "version": {"const": "03"},
            "room_id": _ROOM,
            "privilege": ref("Privilege"),
            "stream_ids": {"type": "null"},
        },
        "version",
        "room_id",
    ),
    "IssuedToken": closed_object(
        {
            **_ISSUED,
            "kit_token": {
                "type": "string",
                "pattern": "^04[A-Za-z0-9+/]+={0,2}#[A-Za-z0-9+/]+={0,2}$",
                "description": "For UIKit and a room alone: what `ZegoUIKitPrebuilt.create()` takes.",
            },
        },
        tuple(_ISSUED),
    ),
}
_TIME_OR_NULL = {"type": ["integer", "null"], "description": "Unix time in seconds."}
_ENTRY: Schema = {
    "app_id": _APP,
    "user_id": _USER,
    "effective_time_in_seconds": {
        **VALUES["Validity"],
        "minimum": LEAST_SECONDS_LEFT,
        "description": "Seconds that the token is valid; refused where the grant ends before.",
    },
}
ROOM_SCHEMAS: Schema = {
    "EntryRequest": {
        "oneOf": [
            closed_object(
                {
                    **_ENTRY,
                    "version": {"enum": ["03", "04"], "default": "04", "description": "Default: `04`."},
                    "product": {"enum": ["rtc", "uikit"], "default": "rtc", "description": "Default: `rtc`."},
                },
                (),
            ),
            closed_object(
                {
                    **_ENTRY,
                    "version": {"const": "04", "default": "04"},
                    "product": {"const": "uikit"},
                    "user_name": ref("UserName"),
                },
                ("product", "user_name"),
            ),
        ]
    },
    "GrantPage": closed_object(
        {
            "room": closed_object(
                {
                    "app_id": ref("AppId"),
                    "room_id": {"type": "string"},
                    "state": {"enum": ["scheduled", "cancelled", "unscheduled"]},
                    "revision": {"type": ["integer", "null"]},
                    "starts_at": _TIME_OR_NULL,
                    "ends_at": _TIME_OR_NULL,
                }
            ),
            "grants": {"type": "array", "items": ref("Grant")},
            "next": {"type": ["string", "null"], "description": "Where the next page begins."},
        }
    ),
    "Grant": closed_object(
        {
            "user_id": {"type": "string"},
            "login": {"type": "boolean"},
            "publish": {"type": "boolean"},
            "stream_ids": ref("StreamIds"),
            "starts_at": _SECONDS,
            "ends_at": _SECONDS,
            "revision": {"type": "integer", "description": "Of the booking, or of the roster."},
            "source": {"enum": ["schedule", "roster"]},
        }
    ),
}
_REVOCATION: Schema = {
    "app_id": ref("AppId"),
    "user_id": {"type": ["string", "null"]},
    "room_id": {"type": ["string", "null"]},
    "until": _SECONDS,
    "created_at": _SECONDS,
    "created_by": {"type": "string", "description": "Who revoked."},
    "by_user": {"type": "boolean", "description": "Whether a user revoked, and not a service."},
}
_TARGET: Schema = {
    "app_id": _APP,
    "until": {"type": "integer", "description": "Unix time in seconds, in the next 366 days."},
}
_NO_KICK: Schema = {"kick": {"const": False, "default": False}}
REVOCATION_SCHEMAS: Schema = {
    "RevocationRequest": {
        "oneOf": [ref("RevokedUser"), ref("RevokedRoom"), ref("RevokedUserInRoom")],
    },
    "RevokedUser": {
        "title": "A user, in every room",
        **closed_object({**_TARGET, **_NO_KICK, "user_id": ref("KnownUserId")}, ("user_id", "until")),
    },
    "RevokedRoom": {
        "title": "A room, for every user",
        **closed_object({**_TARGET, **_NO_KICK, "room_id": ref("RoomId")}, ("room_id", "until")),
    },
    "RevokedUserInRoom": {
        "title": "A user in a room",
        **closed_object(
            {
                **_TARGET,
                "user_id": ref("KnownUserId"),
                "room_id": ref("RoomId"),
                "kick": {
                    "type": "boolean",
                    "default": False,
                    "description": "Whether ZEGO's KickoutUser is to remove the user from the room at once.",
                },
            },
            ("user_id", "room_id", "until"),
        ),
    },
    "Revocation": closed_object(_REVOCATION),
    "NewRevocation": closed_object(
        {
            **_REVOCATION,
            "note": {"type": "string", "description": "What a revocation cannot do."},
            "kicked": {
                "type": "boolean",
                "description": "Whether ZEGO accepted the call to remove the user, who may be absent.",
            },
            "kick_error": {"type": "string", "description": "Why not."},
        },
        (*_REVOCATION, "note"),
    ),
}
ERROR_SCHEMAS: Schema = {
    "Problem": {
        "description": "Problem details (RFC 9457).",
        **closed_object(
            {
                "type": {"type": "string", "format": "uri"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "instance": {"type": "string", "description": "The request's id, which the logs have too."},
                "error_code": {"type": "integer", "description": "The code of ZEGO's generators."},
                "error_name": {"type": "string", "description": "The name of ZEGO's generators."},
                "field": {"type": "string", "description": "What to change in the request."},
                "rule": {"type": "string", "description": "The rule that forbids it."},
            },
            ("type", "title", "status", "detail", "instance"),
        ),
    },
    "GatewayMessage": {
        "description": "API Gateway's own form, where it answers by itself.",
        **closed_object({"message": {"type": ["string", "null"]}}),
    },
}
