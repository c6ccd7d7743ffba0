"""A page on another origin calls the API with the headers that AWS SDKs and tracers add to its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from werkzeug.wrappers import Response

from tests.clients.service import Service
from tests.loopback import served

ADDED = {
    "amz-sdk-invocation-id": "6e0d3e4c-9d0e-4a4e-8b0f-7c1f1d6f0a11",
    "amz-sdk-request": "attempt=1; max=3",
    "x-amz-user-agent": "aws-sdk-js/3.0.0",
    "sentry-trace": "771a43a4192642f0b136d5159a501700-1000000000000000-1",
    "baggage": "sentry-release=1.0.0",
    "traceparent": "00-771a43a4192642f0b136d5159a501700-1000000000000000-01",
    "tracestate": "vendor=1",
}
_ASK = """async ([url, body, headers]) => {
  const sent = { "Content-Type": "application/json", ...headers };
  try {
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(body), headers: sent });
    const readable = ["date", "retry-after"].map((name) => answer.headers.get(name));
    return [answer.status, await answer.json(), ...readable];
  } catch (error) {
    return [String(error)];
  }
}"""


@pytest.fixture
def elsewhere(page: Page) -> Iterator[Page]:
    """A page of a dev server, whose port is not the API's."""
    with served(Response("<title>app</title>", content_type="text/html")) as origin:
        page.goto(origin)
        yield page


def ask(page: Page, service: Service, path: str, body: object, **headers: str) -> list[Any]:
    sent = {**ADDED, "Authorization": f"Bearer {service.backend}", **headers}
    answer: list[Any] = page.evaluate(_ASK, [service.url + path, body, sent])
    return answer


def test_a_page_gets_tokens_and_may_read_when(elsewhere: Page, service: Service) -> None:
    status, answer, date, _ = ask(elsewhere, service, "/v1/tokens", {"user_id": "alice"})
    batch = ask(elsewhere, service, "/v1/tokens/batch", {"items": [{"user_id": "alice"}, {"user_id": "bob"}]})

    assert (status, answer["user_id"]) == (200, "alice")
    assert date.endswith("GMT")
    assert [result["status"] for result in batch[1]["results"]] == [200, 200]


def test_a_page_may_read_errors(elsewhere: Page, service: Service) -> None:
    refused = ask(elsewhere, service, "/v1/tokens", {"user_id": ""})
    anonymous = ask(elsewhere, service, "/v1/tokens", {"user_id": "alice"}, Authorization="Bearer x.y.z")

    assert (refused[0], refused[1]["field"]) == (400, "user_id")
    assert anonymous[:2] == [401, {"message": "Unauthorized"}]


def test_a_header_that_is_not_allowed_stops_the_page(elsewhere: Page, service: Service) -> None:
    assert ask(elsewhere, service, "/v1/tokens", {"user_id": "alice"}, **{"x-other": "1"}) == [
        "TypeError: Failed to fetch"
    ]
