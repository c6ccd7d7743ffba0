"""What operations and schemas are made of."""

from http import HTTPStatus
from typing import Any

from token_api.bodies import MAX_BODY_BYTES
from token_api.problems import PROBLEM_JSON

JSON = "application/json"
Schema = dict[str, Any]

BY_ANYBODY = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    HTTPStatus.INTERNAL_SERVER_ERROR,
)
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


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def closed_object(properties: Schema, required: tuple[str, ...] | None = None) -> Schema:
    """An object of these properties alone, all of which it has unless ``required`` says less."""
    return {
        "type": "object",
        "properties": properties,
        "required": [*(properties if required is None else required)],
        "additionalProperties": False,
    }


def path_parameter(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": description}


def query_parameter(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def json_body(name: str, most_bytes: int = MAX_BODY_BYTES) -> Schema:
    description = f"UTF-8, at most {most_bytes} bytes."
    return {"required": True, "description": description, "content": {JSON: {"schema": ref(name)}}}


def answer(status: HTTPStatus, description: str, schema: Schema) -> Schema:
    return {
        str(status.value): {
            "description": description,
            "headers": {"Cache-Control": {"$ref": "#/components/headers/NoStore"}},
            "content": {JSON: {"schema": schema}},
        }
    }


def problems(*statuses: HTTPStatus) -> Schema:
    return {str(status.value): _problem(status) for status in sorted({*statuses, *BY_ANYBODY})}


def _problem(status: HTTPStatus) -> Schema:
    content = {PROBLEM_JSON: {"schema": ref("Problem")}}
    if status in ALSO_GATEWAYS:
        content[JSON] = {"schema": ref("GatewayMessage")}
    response: Schema = {"description": MEANINGS[status], "content": content}
    if status in MAY_RETRY:
        response["headers"] = RETRY_AFTER
    return response


RETRY_AFTER = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
MEANINGS = {
    HTTPStatus.BAD_REQUEST: "The request is wrong; field says where.",
    HTTPStatus.UNAUTHORIZED: "The request carries no authenticated caller.",
    HTTPStatus.FORBIDDEN: "The caller is not entitled to it; rule says which rule forbids it.",
    HTTPStatus.NOT_FOUND: "The app is not served here, or there is no such token.",
    HTTPStatus.CONFLICT: "The limit of active revocations is reached.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.REQUEST_URI_TOO_LONG: "The path or the query string is too long.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The Content-Type is not application/json.",
    HTTPStatus.TOO_MANY_REQUESTS: "The user has reached this minute's limit, or the API its rate.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The headers or the caller's claims are too large.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The stored secret is not a ServerSecret, or the service has a bug.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The app has no ServerSecret yet, or AWS cannot be reached.",
}
