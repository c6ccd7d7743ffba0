"""An example of each error. A test makes the service answer with them."""

from openapi.parts import Schema

_REQUEST_ID = "4f3c1d5e-5c6b-4f43-a4d7-3f6f4d1a2b3c"


def _refusal(status: int, title: str, reason: str, detail: str, **members: object) -> Schema:
    return {
        "type": f"urn:zego-token-service:problem:{reason}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": _REQUEST_ID,
        **members,
    }


# Titles as in Lambda's Python. Older ones name 413 and 414 otherwise.
REFUSALS = (
    _refusal(
        400,
        "Bad Request",
        "invalid-request",
        "app_id must be an integer from 1 to 4294967295, not a string: write it without quotes",
        error_code=1,
        error_name="appIDInvalid",
        field="app_id",
    ),
    _refusal(401, "Unauthorized", "unauthenticated", "the request carries no authenticated caller"),
    _refusal(
        403,
        "Forbidden",
        "not-entitled",
        "you may get tokens for yourself only; naming others needs zego:issue (not found in scope, scopes, "
        "scp, roles or permissions)",
        error_code=3,
        error_name="userIDInvalid",
        field="user_id",
        rule="own-user",
    ),
    _refusal(
        404,
        "Not Found",
        "unknown-app",
        "no app with this app_id is served here",
        error_code=1,
        error_name="appIDInvalid",
        field="app_id",
    ),
    _refusal(409, "Conflict", "too-many-revocations", "at most 1000 revocations may be in force at a time"),
    _refusal(
        413, "Content Too Large", "body-too-large", "the body must be at most 65536 bytes", field="body"
    ),
    _refusal(414, "URI Too Long", "uri-too-long", "the path must have at most 10240 characters"),
    _refusal(
        415,
        "Unsupported Media Type",
        "unsupported-media-type",
        "the Content-Type must be application/json, not text/plain",
        field="Content-Type",
    ),
    _refusal(429, "Too Many Requests", "quota-exceeded", "you may get 60 tokens a minute"),
    _refusal(
        431,
        "Request Header Fields Too Large",
        "headers-too-large",
        "the headers must have at most 65536 characters",
    ),
    _refusal(500, "Internal Server Error", "internal", "the token service failed"),
    _refusal(
        503,
        "Service Unavailable",
        "secret-missing",
        "this deployment has no ServerSecret for its app; its operator must put one",
    ),
)
