"""The operations of the API, one function each."""

from http import HTTPStatus

from openapi.parts import (
    JSON,
    MEANINGS,
    RETRY_AFTER,
    WITH_BODY,
    Schema,
    answer,
    closed_object,
    json_body,
    path_parameter,
    problems,
    query_parameter,
    ref,
)
from token_api.batch_routes import MAX_BODY_BYTES, MAX_ITEMS, MAX_ITEMS_BYTES
from zego_service.issuing.revocations import READ_SECONDS


def issue_token() -> Schema:
    return {
        "tags": ["tokens"],
        "operationId": "issueToken",
        "summary": "Issue a token.",
        "description": "Services get tokens for any user, and must name one. Users get their own, for rooms "
        "that a grant allows. With UserRooms=any, users also get rooms that nobody scheduled; publishing "
        "there needs the scope zego:publish. Each field may also have the name that ZEGO's generators use.",
        "requestBody": {**json_body("TokenRequest"), "required": False},
        "responses": {
            **answer(HTTPStatus.OK, "The token and what is in it.", ref("IssuedToken")),
            **_refusals_by_grants(),
        },
    }


def issue_tokens() -> Schema:
    return {
        "tags": ["tokens"],
        "operationId": "issueTokens",
        "summary": f"Issue up to {MAX_ITEMS} tokens.",
        "description": "Each item is answered as `POST /v1/tokens` answers the defaults with the item's "
        "fields over them: in order, with a status of its own. What is wrong with the batch itself is one "
        f"400 or 413. The items, each with the defaults, may have {MAX_ITEMS_BYTES} bytes as compact JSON. "
        "A user's quota is counted for the whole batch, and the last items are refused where it does not "
        "suffice; rooms whose grants are looked up count too. What there is no time for is a 503 with the "
        "type out-of-time: send these items again.",
        "requestBody": json_body("BatchRequest", MAX_BODY_BYTES),
        "responses": {
            **answer(HTTPStatus.OK, "What each item gets, in order.", ref("BatchAnswer")),
            **problems(*WITH_BODY, HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE),
        },
    }


def inspect_token() -> Schema:
    return {
        "tags": ["tokens"],
        "operationId": "inspectToken",
        "summary": "Say what is wrong with a token.",
        "description": "Only services, and callers with the scope zego:inspect, may call it. A GCM token is "
        "explained in full. A CBC token or token03 that does not open has one finding, cannot-be-opened, "
        "whatever the cause: from anything more, tokens could be forged. Every answer takes a multiple of "
        "0.1 seconds, for the same reason.",
        "requestBody": json_body("InspectionRequest"),
        "responses": {
            **answer(HTTPStatus.OK, "What is in the token, and what is wrong.", ref("Inspection")),
            **problems(
                *WITH_BODY, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE
            ),
        },
    }


def _refusals_by_grants() -> Schema:
    forbidden = (
        f"{MEANINGS[HTTPStatus.FORBIDDEN]} Without a grant that is open now, it is no-grant, too-early "
        "(Retry-After says when to come back), too-late or room-cancelled."
    )
    refusals = problems(
        *WITH_BODY, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE
    )
    refusals[str(HTTPStatus.FORBIDDEN.value)] |= {"description": forbidden, "headers": RETRY_AFTER}
    return refusals


def enter_room() -> Schema:
    return {
        "tags": ["rooms"],
        "operationId": "enterRoom",
        "summary": "Issue the token of a grant.",
        "description": "The grant decides the privileges, the streams and the latest expiry. A service names "
        "a user; a user gets its own token and needs no body.",
        "parameters": [path_parameter("room_id", ref("RoomId"), "The room, percent-encoded.")],
        "requestBody": {**json_body("EntryRequest"), "required": False},
        "responses": {
            **answer(HTTPStatus.OK, "The token and what is in it.", ref("IssuedToken")),
            **_refusals_by_grants(),
        },
    }


def show_grants() -> Schema:
    return {
        "tags": ["rooms"],
        "operationId": "showGrants",
        "summary": "Show who may join a room, and when. Only services may call it.",
        "parameters": [
            path_parameter("room_id", ref("KnownRoomId"), "The room, percent-encoded."),
            query_parameter("app_id", ref("AppId"), "Default: the deployment's."),
            query_parameter("limit", ref("PageSize"), "Grants in a page, at most."),
            query_parameter("after", ref("GrantCursor"), "The next of the page before."),
        ],
        "responses": {
            **answer(HTTPStatus.OK, "A page of the room's grants; it may have fewer.", ref("GrantPage")),
            **problems(
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        },
    }


def hand_out() -> Schema:
    return {
        "tags": ["rooms"],
        "operationId": "handOut",
        "summary": "Hand out a token that was minted ahead, to its user or to a service.",
        "parameters": [
            path_parameter("request_id", ref("RequestId"), "The request that the token was minted for."),
            path_parameter("user_id", ref("KnownUserId"), "The user, percent-encoded."),
        ],
        "responses": {
            **answer(HTTPStatus.OK, "The token, as it was issued.", ref("IssuedToken")),
            **problems(
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.TOO_MANY_REQUESTS,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        },
    }


def revoke() -> Schema:
    return {
        "tags": ["revocations"],
        "operationId": "revoke",
        "summary": "Stop further tokens for a user, a room, or a user in a room, until a given time.",
        "description": f"Takes effect within {READ_SECONDS} seconds. Tokens that were issued before live "
        "until they expire. Only services, and callers with the scope zego:revoke, may call it.",
        "requestBody": json_body("RevocationRequest"),
        "responses": {
            **answer(HTTPStatus.CREATED, "What is revoked.", ref("NewRevocation")),
            **problems(
                *WITH_BODY,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.CONFLICT,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        },
    }


def show_revocations() -> Schema:
    listed = closed_object({"revocations": {"type": "array", "items": ref("Revocation")}})
    return {
        "tags": ["revocations"],
        "operationId": "showRevocations",
        "summary": "Show the revocations in force.",
        "parameters": [query_parameter("app_id", ref("AppId"), "Default: the deployment's.")],
        "responses": {
            **answer(HTTPStatus.OK, "The revocations of the app.", listed),
            **problems(
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        },
    }


def lift_revocation() -> Schema:
    return {
        "tags": ["revocations"],
        "operationId": "liftRevocation",
        "summary": "Lift a revocation.",
        "description": "Name the user, the room, or both, as the revocation does. Only services, and callers "
        "with the scope zego:revoke, may call it.",
        "parameters": [
            query_parameter("app_id", ref("AppId"), "Default: the deployment's."),
            query_parameter("user_id", ref("KnownUserId"), "The user that was revoked."),
            query_parameter("room_id", ref("KnownRoomId"), "The room that was revoked."),
        ],
        "responses": {
            **answer(HTTPStatus.OK, "Whether there was one.", closed_object({"lifted": {"type": "boolean"}})),
            **problems(
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        },
    }


_HEALTH: Schema = {
    "status": {"const": "ok"},
    "version": {"type": "string", "description": "The version of the service, such as 1.0.0."},
}


def health() -> Schema:
    return {
        "tags": ["service"],
        "operationId": "health",
        "summary": "Say that the function answers.",
        "security": [],
        "responses": {
            **answer(HTTPStatus.OK, "It does.", closed_object(_HEALTH)),
            **{
                status: response
                for status, response in problems().items()
                if status != str(HTTPStatus.UNAUTHORIZED.value)
            },
        },
    }


def openapi() -> Schema:
    return {
        "tags": ["service"],
        "operationId": "openapi",
        "summary": "Answer this document.",
        "responses": {
            "200": {"description": "The document.", "content": {JSON: {"schema": {"type": "object"}}}},
            **problems(HTTPStatus.FORBIDDEN),
        },
    }
