"""The stand-in for API Gateway makes the events that an HTTP API makes."""

from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from local.gateway import MAX_PAYLOAD_BYTES, gateway
from local.jwt_authorizer import JwtAuthorizer
from token_api.gateway_events import Trigger, normalised, trigger_of

OK = {"statusCode": 200, "headers": {}, "body": "{}"}


def event_for(path: str, method: str = "POST") -> dict[str, Any]:
    """The event of a request, of which ``path`` is sent as it is."""
    events: list[dict[str, Any]] = []

    def note(event: Any, _context: object) -> dict[str, Any]:
        events.append(event)
        return OK

    environ = {"REQUEST_URI": path}
    Client(gateway(note)).open("/", method=method, environ_overrides=environ)
    (event,) = events
    return event


@pytest.mark.parametrize("room", ["demo", "50%41", "a b", "ü", "a/b", "v1", "%", "a+b"])
def test_the_path_is_decoded_once_and_the_parameters_tell_its_parts(room: str) -> None:
    encoded = quote(room, safe="")

    event = event_for(f"/v1/rooms/{encoded}/tokens")

    assert trigger_of(event) is Trigger.HTTP_API
    assert event["rawPath"] == f"/v1/rooms/{room}/tokens"
    assert event["routeKey"] == "POST /v1/rooms/{room_id}/tokens"
    assert event["pathParameters"] == {"room_id": room}
    assert normalised(event, Trigger.HTTP_API)["rawPath"] == f"/v1/rooms/{encoded}/tokens"


@pytest.mark.parametrize("path", ["/nowhere", "/v1/rooms//tokens", "/", "/v1/tokens/x"])
def test_a_path_without_a_route_has_the_default_one(path: str) -> None:
    event = event_for(path)

    assert (event["routeKey"], event["pathParameters"], event["rawPath"]) == ("$default", None, path)


def test_a_whole_url_as_the_target_is_cut_to_its_path() -> None:
    assert event_for("http://localhost:3000/v1/tokens")["routeKey"] == "POST /v1/tokens"


def asked(path: str, method: str = "GET", authorization: str | None = None) -> tuple[int, Any, int]:
    """The status and the body of an answer, and how often the function was asked; only a JWT lets in."""
    calls: list[object] = []

    def note(event: Any, _context: object) -> dict[str, Any]:
        calls.append(event)
        return OK

    headers = {} if authorization is None else {"Authorization": authorization}
    answer = Client(gateway(note, AUTHORIZER)).open(
        "/", method=method, headers=headers, environ_overrides={"REQUEST_URI": path}
    )
    return answer.status_code, answer.get_json(silent=True), len(calls)


AUTHORIZER = JwtAuthorizer()
JWT = AUTHORIZER.issue("alice", "zego:publish")


@pytest.mark.parametrize("authorization", [f"Bearer {JWT}", f"bearer {JWT}", JWT])
def test_a_jwt_is_taken_with_bearer_and_without(authorization: str) -> None:
    assert asked("/openapi.json", authorization=authorization)[::2] == (200, 1)


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", f"Basic {JWT}", f"{JWT} {JWT}", f"Bearer Bearer {JWT}", f"{JWT}x", "Bearer x.y.z"],
)  # fmt: skip
def test_anything_else_lets_nobody_in(authorization: str | None) -> None:
    assert asked("/openapi.json", authorization=authorization) == (401, {"message": "Unauthorized"}, 0)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/tokens/"),
        ("POST", "//v1/tokens"),
        ("POST", "/v1//tokens"),
        ("POST", "/prod/v1/tokens"),
        ("POST", "/v1/rooms/demo/tokens/"),
        ("GET", "/v1/health/"),
        ("GET", "/openapi.json/"),
        ("HEAD", "/v1/health"),
        ("HEAD", "/openapi.json"),
        ("HEAD", "/nowhere"),
    ],
)
def test_what_an_http_api_has_no_route_for_does_not_reach_the_function(method: str, path: str) -> None:
    for authorization in (None, JWT):
        status, body, calls = asked(path, method, authorization)

        assert (status, calls) == (404, 0)
        assert body == (None if method == "HEAD" else {"message": "Not Found"})


def test_nobody_is_asked_who_they_are_where_there_is_no_route() -> None:
    assert asked("/nowhere")[::2] == (200, 1)


def test_a_body_that_is_too_large_is_refused_by_the_gateway() -> None:
    environ = {"REQUEST_URI": "/v1/tokens", "CONTENT_LENGTH": str(MAX_PAYLOAD_BYTES + 1)}

    answer = Client(gateway(lambda _event, _context: OK)).post("/", environ_overrides=environ)

    assert (answer.status_code, answer.get_json()) == (413, {"message": "Request Entity Too Large"})
