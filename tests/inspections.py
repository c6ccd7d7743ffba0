"""Requests to `POST /v1/tokens/inspect`."""

import json
from typing import Any

from tests.factories import token_event

PATH = "/v1/tokens/inspect"


def inspect_event(
    token: object, trigger: str = "http_api", *, body: str | None = None, **fields: object
) -> dict[str, Any]:
    """A service's request to inspect a token; ``body`` is sent to the letter."""
    text = json.dumps({"token": token, **fields}) if body is None else body
    event = token_event(trigger, body=text)
    if trigger == "rest_api":
        return event | {"path": PATH, "resource": PATH}
    http = {**event["requestContext"]["http"], "path": PATH}
    context = {**event["requestContext"], "http": http}
    return event | {"rawPath": PATH, "routeKey": f"POST {PATH}", "requestContext": context}
