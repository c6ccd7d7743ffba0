"""`make openapi`: writes the API's OpenAPI document, with the limits that the code has."""

import json
from http import HTTPStatus
from typing import Any

from local.build import ROOT
from token_api.problems import PROBLEM_JSON
from token_api.schemas import MAX_BODY_BYTES, MAX_PAGE
from zego_service.fields import LIMITS, MAX_REQUEST_ID_CHARACTERS, MAX_ROOM_ID_BYTES, MAX_STREAM_IDS
from zego_service.issuing.revocations import READ_SECONDS
from zego_token import MAX_APP_ID, MAX_EXPIRES_AT

FILE = ROOT / "functions" / "token_api" / "openapi.json"
JSON = "application/json"
Schema = dict[str, Any]

BY_ANYBODY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR)
WITH_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
MAY_RETRY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
# What API Gateway answers by itself, before the function is asked, it answers in its own form.
ALSO_GATEWAYS = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
}


def main() -> None:
    FILE.write_text(text())


def text() -> str:
    """The document as it is served."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def document() -> Schema:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ZEGO token service",
            "version": "1",
            "description": "Issues the tokens with which ZEGO's (ZEGOCLOUD's) client SDKs log in.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "tokens", "description": "Getting tokens."},
            {"name": "rooms", "description": "What was provisioned by events and rosters."},
            {"name": "revocations", "description": "Keeping people out."},
            {"name": "service", "description": "About the service itself."},
        ],
        "security": [{"iam": []}, {"jwt": []}],
        "paths": {
            "/v1/tokens": {"post": _issue_token()},
            "/v1/rooms/{room_id}/tokens": {"post": _enter_room()},
            "/v1/rooms/{room_id}/grants": {"get": _show_grants()},
            "/v1/provisioned/{request_id}/{user_id}": {"get": _hand_out()},
            "/v1/revocations": {"post": _revoke(), "get": _show_revocations(), "delete": _lift_revocation()},
            "/v1/health": {"get": _health()},
            "/openapi.json": {"get": _openapi()},
        },
        "components": {
            "securitySchemes": {
                "iam": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                    "description": "An AWS signature (SigV4) for the service execute-api. This is how the "
                    "API is deployed unless it is told an issuer.",
                },
                "jwt": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A JWT of the issuer that the API was deployed with, if it was. Scopes: "
                    "zego:issue (a service), zego:publish, zego:revoke.",
                },
            },
            "headers": {
                "RetryAfter": {
                    "description": "Seconds after which to try again.",
                    "schema": {"type": "integer", "minimum": 0},
                },
                "NoStore": {"description": "Always no-store.", "schema": {"const": "no-store"}},
            },
            "schemas": _VALUES | _TOKEN_SCHEMAS | _ROOM_SCHEMAS | _REVOCATION_SCHEMAS | _ERROR_SCHEMAS,
        },
    }


def _issue_token() -> Schema:
    return {
        "tags": ["tokens"],
        "operationId": "issueToken",
        "summary": "Issue a token.",
        "description": "A service gets tokens for any user; a user for itself, one room, and publishing "
        "with the scope zego:publish. The names of ZEGO's generators (appID, userID, roomID, "
        "effectiveTimeInSeconds, stream_id_list) are taken too. A field must not be given twice, or under "
        "two names.",
        "requestBody": _body("TokenRequest"),
        "responses": {
            **_answer(HTTPStatus.OK, "The token and what is in it.", _ref("IssuedToken")),
            **_problems(
                *WITH_BODY, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE
            ),
        },
    }


def _enter_room() -> Schema:
    forbidden = (
        f"{_MEANINGS[HTTPStatus.FORBIDDEN]} Without a grant that is open now, it is no-grant, too-early "
        "(Retry-After says when to come back), too-late or room-cancelled."
    )
    problems = _problems(
        *WITH_BODY, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE
    )
    problems[str(HTTPStatus.FORBIDDEN.value)] |= {"description": forbidden, "headers": _RETRY_AFTER}
    return {
        "tags": ["rooms"],
        "operationId": "enterRoom",
        "summary": "Issue the token of a grant.",
        "description": "The grant decides the privileges, the streams and the latest expiry. A service names "
        "a user; a user gets its own token and needs no body.",
        "parameters": [_path("room_id", _ref("RoomId"), "The room, percent-encoded.")],
        "requestBody": {**_body("EntryRequest"), "required": False},
        "responses": {
            **_answer(HTTPStatus.OK, "The token and what is in it.", _ref("IssuedToken")),
            **problems,
        },
    }


def _show_grants() -> Schema:
    return {
        "tags": ["rooms"],
        "operationId": "showGrants",
        "summary": "Who may join a room, and when; for services.",
        "parameters": [
            _path("room_id", _ref("RoomId"), "The room, percent-encoded."),
            _query("app_id", _ref("AppId"), "Default: the deployment's."),
            _query("limit", _ref("PageSize"), "Grants in a page, at most."),
            _query("after", _ref("GrantCursor"), "The next of the page before."),
        ],
        "responses": {
            **_answer(HTTPStatus.OK, "A page of the room's grants; it may have fewer.", _ref("GrantPage")),
            **_problems(
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        },
    }


def _hand_out() -> Schema:
    return {
        "tags": ["rooms"],
        "operationId": "handOut",
        "summary": "A token that was minted ahead, for its user or for a service.",
        "parameters": [
            _path("request_id", _ref("RequestId"), "The request that the token was minted for."),
            _path("user_id", _ref("UserId"), "The user, percent-encoded."),
        ],
        "responses": {
            **_answer(HTTPStatus.OK, "The token, as it was issued.", _ref("IssuedToken")),
            **_problems(
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        },
    }


def _revoke() -> Schema:
    return {
        "tags": ["revocations"],
        "operationId": "revoke",
        "summary": "Stop further tokens for a user, a room, or a user in a room, until a given time.",
        "description": f"Takes effect within {READ_SECONDS} seconds. Tokens that were issued before live "
        "until they expire. Needs a service, or the scope zego:revoke.",
        "requestBody": _body("RevocationRequest"),
        "responses": {
            **_answer(HTTPStatus.CREATED, "What is revoked.", _ref("NewRevocation")),
            **_problems(
                *WITH_BODY,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.CONFLICT,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        },
    }


def _show_revocations() -> Schema:
    shown = _object({"revocations": {"type": "array", "items": _ref("Revocation")}})
    return {
        "tags": ["revocations"],
        "operationId": "showRevocations",
        "summary": "The revocations in force.",
        "parameters": [_query("app_id", _ref("AppId"), "Default: the deployment's.")],
        "responses": {
            **_answer(HTTPStatus.OK, "The revocations of the app.", shown),
            **_problems(
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        },
    }


def _lift_revocation() -> Schema:
    return {
        "tags": ["revocations"],
        "operationId": "liftRevocation",
        "summary": "Lift a revocation.",
        "description": "Names the user, the room, or both, as the revocation does.",
        "parameters": [
            _query("app_id", _ref("AppId"), "Default: the deployment's."),
            _query("user_id", _ref("UserId"), "The user that was revoked."),
            _query("room_id", _ref("RoomId"), "The room that was revoked."),
        ],
        "responses": {
            **_answer(HTTPStatus.OK, "Whether there was one.", _object({"lifted": {"type": "boolean"}})),
            **_problems(
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        },
    }


def _health() -> Schema:
    return {
        "tags": ["service"],
        "operationId": "health",
        "summary": "Whether the function answers.",
        "security": [],
        "responses": {
            **_answer(HTTPStatus.OK, "It does.", _object({"status": {"const": "ok"}})),
            **{
                status: response
                for status, response in _problems().items()
                if status != str(HTTPStatus.UNAUTHORIZED.value)
            },
        },
    }


def _openapi() -> Schema:
    return {
        "tags": ["service"],
        "operationId": "openapi",
        "summary": "This document.",
        "responses": {
            "200": {"description": "The document.", "content": {JSON: {"schema": {"type": "object"}}}},
            **_problems(HTTPStatus.FORBIDDEN),
        },
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Schema, required: tuple[str, ...] | None = None) -> Schema:
    """An object of these properties alone, all of which it has unless ``required`` says less."""
    return {
        "type": "object",
        "properties": properties,
        "required": [*(properties if required is None else required)],
        "additionalProperties": False,
    }


def _path(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": description}


def _query(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _body(name: str) -> Schema:
    description = f"UTF-8, at most {MAX_BODY_BYTES} bytes."
    return {"required": True, "description": description, "content": {JSON: {"schema": _ref(name)}}}


def _answer(status: HTTPStatus, description: str, schema: Schema) -> Schema:
    return {
        str(status.value): {
            "description": description,
            "headers": {"Cache-Control": {"$ref": "#/components/headers/NoStore"}},
            "content": {JSON: {"schema": schema}},
        }
    }


def _problems(*statuses: HTTPStatus) -> Schema:
    return {str(status.value): _problem(status) for status in sorted({*statuses, *BY_ANYBODY})}


def _problem(status: HTTPStatus) -> Schema:
    content = {PROBLEM_JSON: {"schema": _ref("Problem")}}
    if status in ALSO_GATEWAYS:
        content[JSON] = {"schema": _ref("GatewayMessage")}
    response: Schema = {"description": _MEANINGS[status], "content": content}
    if status in MAY_RETRY:
        response["headers"] = _RETRY_AFTER
    return response


_RETRY_AFTER = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
_MEANINGS = {
    HTTPStatus.BAD_REQUEST: "The request is wrong; field says where.",
    HTTPStatus.UNAUTHORIZED: "Nobody authenticated the caller.",
    HTTPStatus.FORBIDDEN: "The caller is not entitled to it; rule says which rule forbids it.",
    HTTPStatus.NOT_FOUND: "The app is not served here, or there is no such token.",
    HTTPStatus.CONFLICT: "As many revocations are in force as there may be.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not JSON.",
    HTTPStatus.TOO_MANY_REQUESTS: "The caller had its tokens for this minute, or the API its requests.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The stored secret is no ServerSecret, or a bug.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The deployment's app has no ServerSecret, or AWS cannot be reached.",
}
_SECONDS = {"type": "integer", "description": "Unix time in seconds."}
_ID_RULES = "Visible characters in Unicode normal form C, no spaces around them."


def _id(of: str, most_bytes: int) -> Schema:
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": most_bytes,
        "format": f"zego-{of}",
        "description": f"At most {most_bytes} bytes of UTF-8. {_ID_RULES}",
    }


_VALUES: Schema = {
    "AppId": {"type": "integer", "minimum": 1, "maximum": MAX_APP_ID, "description": "The AppID."},
    "UserId": _id("user-id", LIMITS["rtc"].user_id_bytes),
    "ZimUserId": _id("zim-user-id", LIMITS["zim"].user_id_bytes),
    "RoomId": _id("room-id", MAX_ROOM_ID_BYTES),
    "Validity": {
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_EXPIRES_AT,
        "description": "Seconds that the token is valid. Each deployment has a default and a maximum.",
    },
    "Privilege": {
        "oneOf": [
            _object({"login": {"type": "boolean"}, "publish": {"type": "boolean"}}),
            _object({"canLoginRoom": {"type": "boolean"}, "canPublishStream": {"type": "boolean"}}),
            _object({"1": {"enum": [0, 1]}, "2": {"enum": [0, 1]}}),
        ],
        "description": "What the token allows in its room; to log in and no more where it is not said.",
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
        "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,255}$"},
        "minItems": 1,
        "maxItems": MAX_STREAM_IDS,
        "description": "The only streams that may be published; null for any.",
    },
}


def _token_request(title: str, properties: Schema, *required: str) -> Schema:
    common = {
        "app_id": _ref("AppId"),
        "user_id": _ref("UserId"),
        "version": {"const": "04", "default": "04"},
        "effective_time_in_seconds": _ref("Validity"),
        "product": {"enum": ["rtc", "uikit"], "default": "rtc"},
    }
    return {"title": title, **_object({**common, **properties}, ("user_id", *required))}


_ZIM_SECONDS = LIMITS["zim"].ttl_seconds or range(0)
_TOKEN_SCHEMAS: Schema = {
    "TokenRequest": {
        "oneOf": [
            _ref(name) for name in ("RoomToken", "BasicToken", "PayloadToken", "ZimToken", "RoomToken03")
        ]
    },
    "RoomToken": _token_request(
        "A token04 for one room",
        {"room_id": _ref("RoomId"), "privilege": _ref("Privilege"), "stream_ids": _ref("StreamIds")},
        "room_id",
    ),
    "BasicToken": _token_request("A token04 that opens every room", {"stream_ids": {"type": "null"}}),
    "PayloadToken": _token_request(
        "A token04 with a payload of one's own",
        {
            "payload": {"type": "string", "description": "Goes into the token as it is."},
            "stream_ids": {"type": "null"},
        },
        "payload",
    ),
    "ZimToken": _token_request(
        "A token04 for ZIM",
        {
            "user_id": _ref("ZimUserId"),
            "product": {"const": "zim"},
            "effective_time_in_seconds": {
                "type": "integer",
                "minimum": _ZIM_SECONDS[0],
                "maximum": _ZIM_SECONDS[-1],
            },
            "stream_ids": {"type": "null"},
        },
        "product",
    ),
    "RoomToken03": _token_request(
        "A token03, for one room",
        {
            "version": {"const": "03"},
            "room_id": _ref("RoomId"),
            "privilege": _ref("Privilege"),
            "stream_ids": {"type": "null"},
        },
        "version",
        "room_id",
    ),
    "IssuedToken": _object(
        {
            "token": {"type": "string", "pattern": "^0[34][A-Za-z0-9+/]+={0,2}$"},
            "version": {"enum": ["03", "04"]},
            "cipher": {"enum": ["gcm", "cbc"]},
            "app_id": _ref("AppId"),
            "user_id": _ref("UserId"),
            "room_id": {"type": ["string", "null"]},
            "privilege": {
                "oneOf": [
                    {"type": "null"},
                    _object({"login": {"type": "boolean"}, "publish": {"type": "boolean"}}),
                ]
            },
            "stream_ids": _ref("StreamIds"),
            "issued_at": _SECONDS,
            "expires_at": _SECONDS,
            "refresh_after": {**_SECONDS, "description": "Unix time in seconds from which to get a new one."},
        }
    ),
}
_TIME_OR_NULL = {"type": ["integer", "null"], "description": "Unix time in seconds."}
_ROOM_SCHEMAS: Schema = {
    "EntryRequest": _object(
        {
            "app_id": _ref("AppId"),
            "user_id": _ref("UserId"),
            "version": {"enum": ["03", "04"], "default": "04"},
            "effective_time_in_seconds": {
                **_ref("Validity"),
                "description": "Seconds that the token is valid; refused where the grant ends before.",
            },
        },
        (),
    ),
    "GrantPage": _object(
        {
            "room": _object(
                {
                    "app_id": _ref("AppId"),
                    "room_id": {"type": "string"},
                    "state": {"enum": ["scheduled", "cancelled", "unscheduled"]},
                    "revision": {"type": ["integer", "null"]},
                    "starts_at": _TIME_OR_NULL,
                    "ends_at": _TIME_OR_NULL,
                }
            ),
            "grants": {"type": "array", "items": _ref("Grant")},
            "next": {"type": ["string", "null"], "description": "Where the next page begins."},
        }
    ),
    "Grant": _object(
        {
            "user_id": {"type": "string"},
            "login": {"type": "boolean"},
            "publish": {"type": "boolean"},
            "stream_ids": _ref("StreamIds"),
            "starts_at": _SECONDS,
            "ends_at": _SECONDS,
            "revision": {"type": "integer", "description": "Of the booking, or of the roster."},
            "source": {"enum": ["schedule", "roster"]},
        }
    ),
}
_REVOCATION: Schema = {
    "app_id": _ref("AppId"),
    "user_id": {"type": ["string", "null"]},
    "room_id": {"type": ["string", "null"]},
    "until": _SECONDS,
    "created_at": _SECONDS,
    "created_by": {"type": "string", "description": "Who revoked."},
}
_TARGET: Schema = {
    "app_id": _ref("AppId"),
    "until": {"type": "integer", "description": "Unix time in seconds, in the next 366 days."},
}
_NO_KICK: Schema = {"kick": {"const": False, "default": False}}
_REVOCATION_SCHEMAS: Schema = {
    "RevocationRequest": {
        "oneOf": [_ref("RevokedUser"), _ref("RevokedRoom"), _ref("RevokedUserInRoom")],
    },
    "RevokedUser": {
        "title": "A user, in every room",
        **_object({**_TARGET, **_NO_KICK, "user_id": _ref("UserId")}, ("user_id", "until")),
    },
    "RevokedRoom": {
        "title": "A room, for every user",
        **_object({**_TARGET, **_NO_KICK, "room_id": _ref("RoomId")}, ("room_id", "until")),
    },
    "RevokedUserInRoom": {
        "title": "A user in a room",
        **_object(
            {
                **_TARGET,
                "user_id": _ref("UserId"),
                "room_id": _ref("RoomId"),
                "kick": {
                    "type": "boolean",
                    "default": False,
                    "description": "Whether ZEGO's KickoutUser is to remove the user from the room at once.",
                },
            },
            ("user_id", "room_id", "until"),
        ),
    },
    "Revocation": _object(_REVOCATION),
    "NewRevocation": _object(
        {
            **_REVOCATION,
            "note": {"type": "string", "description": "What a revocation cannot do."},
            "kicked": {"type": "boolean", "description": "Whether ZEGO removed the user."},
            "kick_error": {"type": "string", "description": "Why it did not."},
        },
        (*_REVOCATION, "note"),
    ),
}
_ERROR_SCHEMAS: Schema = {
    "Problem": {
        "description": "Problem details (RFC 9457).",
        **_object(
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
        **_object({"message": {"type": ["string", "null"]}}),
    },
}


if __name__ == "__main__":
    main()
