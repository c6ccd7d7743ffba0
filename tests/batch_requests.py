"""Requests for many tokens at a time."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.factories import as_user, token_event

ROUTE = "/v1/tokens/batch"


def batch_event(
    items: object,
    defaults: Mapping[str, object] | None = None,
    *,
    trigger: str = "http_api",
    claims: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """A batch of a service, or of the user with these claims."""
    return batch_of(json.dumps({**(defaults or {}), "items": items}), trigger=trigger, claims=claims)


def batch_of(
    body: str, *, trigger: str = "http_api", claims: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """A batch with this body, to the letter."""
    event = token_event(trigger, body=body)
    event |= {"path": ROUTE, "resource": ROUTE} if trigger == "rest_api" else {"rawPath": ROUTE}
    if trigger == "http_api":
        event["routeKey"] = f"POST {ROUTE}"
    return event if claims is None else as_user(event, claims)


def users(count: int, **fields: object) -> list[dict[str, object]]:
    """Items for so many users."""
    return [{"user_id": f"user-{number}", **fields} for number in range(count)]


def statuses(results: Sequence[Mapping[str, Any]]) -> list[int]:
    return [result["status"] for result in results]
