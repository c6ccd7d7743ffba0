"""Requests to set, list and lift revocations."""

import json
import time
from typing import Any
from urllib.parse import urlencode

from tests.api import Api
from tests.factories import sample_event

HOUR = int(time.time()) + 3600


def revocations_event(
    method: str, trigger: str = "http_api", *, body: Any = None, query: dict[str, str] | None = None
) -> dict[str, Any]:
    event = sample_event(f"{trigger}_token04_room")
    event["body"] = None if body is None else body if isinstance(body, str) else json.dumps(body)
    event["queryStringParameters"] = query
    event["rawQueryString"] = urlencode(query or {})
    event["multiValueQueryStringParameters"] = {name: [value] for name, value in (query or {}).items()}
    if trigger == "rest_api":
        return event | {"httpMethod": method, "path": "/v1/revocations"}
    event["requestContext"]["http"] |= {"method": method, "path": "/v1/revocations"}
    return event | {"rawPath": "/v1/revocations"}


def revoke(api: Api, **fields: Any) -> Any:
    return api(revocations_event("POST", body={"until": HOUR, **fields}))
