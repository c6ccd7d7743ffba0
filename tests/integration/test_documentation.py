"""`GET /openapi.json`, and what becomes of other paths and methods."""

from collections.abc import Iterator
from typing import Any

import pytest

from openapi.document import document
from tests.api import Api
from tests.factories import TRIGGERS, token_event, without_caller

# HEAD, which is answered like GET, has tests of its own.
METHODS = {"DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}


def request(trigger: str, method: str, path: str) -> dict[str, Any]:
    event = token_event(trigger)
    if trigger == "rest_api":
        return event | {"httpMethod": method, "path": path}
    http = {**event["requestContext"]["http"], "method": method}
    return event | {"rawPath": path, "requestContext": {**event["requestContext"], "http": http}}


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("path", ["/openapi.json", "/prod/openapi.json"])
def test_the_document_is_for_callers(api: Api, trigger: str, path: str) -> None:
    event = request(trigger, "GET", path)

    answer = api(event)

    assert (answer.status, answer.json) == (200, document())
    assert answer.headers["content-type"] == "application/json"
    assert api(without_caller(event)).status == 401


def undocumented() -> Iterator[tuple[str, str, str]]:
    for path, operations in document()["paths"].items():
        allowed = {method.upper() for method in operations}
        for method in sorted(METHODS - allowed):
            yield path, method, ", ".join(sorted(allowed))


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_other_methods_are_refused_with_those_that_there_are(api: Api, trigger: str) -> None:
    for path, method, allowed in undocumented():
        answer = api(request(trigger, method, path.replace("{", "").replace("}", "")))

        assert (path, method, answer.status, answer.headers.get("allow")) == (path, method, 405, allowed)
        assert answer.json["type"].endswith(":method-not-allowed")
