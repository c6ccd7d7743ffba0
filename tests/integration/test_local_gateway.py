"""The stand-in for API Gateway makes the events that an HTTP API makes."""

from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from local.gateway import gateway
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
