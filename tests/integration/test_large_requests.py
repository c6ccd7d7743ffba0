"""Requests that no gateway lets through, but a direct invocation of the function does."""

import time
import tracemalloc
from typing import Any

import pytest

from tests.api import Api
from tests.factories import TRIGGERS, as_user, token_event
from tests.output import Written, metrics
from token_api.sizes import MAX_HEADER_CHARACTERS, MAX_TARGET_CHARACTERS

LARGE = 6 * 1024 * 1024
PATHS = {"http_api": "rawPath", "rest_api": "path", "function_url": "rawPath"}
FILLERS = ["/v1", "/", "ü"]


def filled(filler: str, size: int = LARGE) -> str:
    return filler * (size // len(filler))


def refused_in_time(api: Api, event: dict[str, Any], status: int) -> None:
    tracemalloc.start()
    started = time.process_time()
    answer = api(event)
    seconds = time.process_time() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (answer.status, answer.json["status"]) == (status, status)
    assert seconds < 5  # with tracemalloc, which is some ten times slower
    assert peak < 4 * LARGE


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("filler", FILLERS)
def test_a_large_path_is_a_414(api: Api, trigger: str, filler: str) -> None:
    refused_in_time(api, token_event(trigger) | {PATHS[trigger]: filled(filler)}, 414)


@pytest.mark.parametrize(
    "given",
    [
        {"rawQueryString": filled("a=1&")},
        {"rawQueryString": filled("&")},
        {"queryStringParameters": {"a": filled("x")}},
        {"queryStringParameters": {str(number): "x" for number in range(300_000)}},
        {"multiValueQueryStringParameters": {"a": ["x"] * 1_000_000}},
        {"pathParameters": {"proxy": filled("x")}},
        {"resource": filled("/v1")},
    ],
    ids=lambda given: next(iter(given)),
)
def test_a_large_query_or_parameter_is_a_414(api: Api, given: dict[str, Any]) -> None:
    refused_in_time(api, token_event("rest_api") | given, 414)


@pytest.mark.parametrize(
    "given",
    [
        {"headers": {"x": filled("a")}},
        {"headers": {str(number): "x" for number in range(300_000)}},
        {"multiValueHeaders": {"x": ["a"] * 1_000_000}},
    ],
    ids=["one", "many", "listed"],
)
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_large_headers_are_a_431(api: Api, trigger: str, given: dict[str, Any]) -> None:
    refused_in_time(api, token_event(trigger) | given, 431)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": filled("a")},
        {"sub": "alice", "scope": filled("a ")},
        {"sub": "alice", "scope": ["a"] * 1_000_000},
        {"sub": "alice", "cognito:groups": filled("a,")},
        {"sub": "alice"} | {str(number): "x" for number in range(300_000)},
    ],
    ids=["subject", "scopes", "listed scopes", "groups", "claims"],
)
@pytest.mark.parametrize("trigger", ["http_api", "rest_api"])
def test_large_claims_are_a_431(api: Api, trigger: str, claims: dict[str, Any]) -> None:
    refused_in_time(api, as_user(token_event(trigger, {"room_id": "demo"}), claims), 431)


def test_a_deep_request_context_is_a_431(api: Api) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    event = token_event()
    event["requestContext"]["authorizer"]["deep"] = deep

    refused_in_time(api, event, 431)


def test_a_large_request_id_is_not_repeated(api: Api) -> None:
    event = token_event()
    event["requestContext"]["requestId"] = filled("a")

    answer = api(event)

    assert answer.status == 431
    assert len(answer.text) < 1000


def test_what_gateways_let_through_is_taken(api: Api) -> None:
    event = token_event("rest_api")
    event["headers"]["x-filler"] = "x" * 10_240
    event["queryStringParameters"] = {"a": "x" * 10_000}

    assert api(event).status == 200
    assert 10_240 <= MAX_TARGET_CHARACTERS < MAX_HEADER_CHARACTERS


def test_a_large_request_is_counted(api: Api, written: Written) -> None:
    api(token_event() | {"rawPath": filled("/")})

    assert metrics(written()) == ["TokenRejected"]


@pytest.mark.parametrize(
    "event", [filled("a"), [filled("a")], {"a": filled("a")}, {"requestContext": filled("a")}]
)
def test_anything_else_of_that_size_is_refused(api: Api, event: Any) -> None:
    refused_in_time(api, event, 401)


def test_a_large_body_is_a_413_in_either_form(api: Api) -> None:
    for is_base64 in (True, False):
        refused_in_time(api, token_event(body=filled("a")) | {"isBase64Encoded": is_base64}, 413)
