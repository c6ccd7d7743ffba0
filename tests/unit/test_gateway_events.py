"""Events are told apart by their own shape, and brought into one."""

from typing import Any
from urllib.parse import quote

import pytest

from openapi.document import document
from tests.factories import sample_event
from token_api import paths
from token_api.gateway_events import Trigger, normalised, query_of, trigger_of

SAMPLES = {
    Trigger.HTTP_API: "http_api_token04_room",
    Trigger.REST_API: "rest_api_token04_room",
    Trigger.FUNCTION_URL: "function_url_token04_room",
}
ALB = {
    "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:…:targetgroup/t/1"}},
    "httpMethod": "POST",
    "path": "/v1/tokens",
    "headers": {"x-amzn-oidc-identity": "alice", "x-amzn-oidc-data": "eyJ…"},
    "body": "{}",
    "isBase64Encoded": False,
}


@pytest.mark.parametrize(("trigger", "name"), SAMPLES.items())
def test_samples_are_told_apart(trigger: Trigger, name: str) -> None:
    assert trigger_of(sample_event(name)) is trigger


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "event",
        1,
        {},
        ALB,
        {"Records": [{"eventSource": "aws:sqs", "body": "{}"}]},
        {"source": "aws.events", "detail-type": "x", "detail": {}},
        {"requestContext": None},
        {"requestContext": []},
        {"version": "2.0", "requestContext": {}},
        {"version": "2.0", "requestContext": {"http": {"method": "POST"}}},
        {"version": "2.0", "requestContext": {"http": None}, "rawPath": "/v1/tokens"},
        {"requestContext": {}, "httpMethod": "POST"},
    ],
)
def test_other_events_are_not_taken(event: Any) -> None:
    assert trigger_of(event) is None


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/v1/tokens", "/v1/tokens"),
        ("/v1/tokens/", "/v1/tokens"),
        ("/prod/v1/tokens", "/v1/tokens"),
        ("/prod/v1/tokens//", "/v1/tokens"),
        ("/v1/v1/tokens", "/v1/tokens"),
        ("/v1/rooms/v1/tokens", "/v1/rooms/v1/tokens"),
        ("/a/b/v1/tokens", "/v1/tokens"),
        ("/a/b/v1/rooms/v1/tokens", "/v1/rooms/v1/tokens"),
        ("/", "/"),
        ("", "/"),
    ],
)
def test_stage_base_path_and_trailing_slash_are_taken_off(path: str, plain: str) -> None:
    http = sample_event("http_api_token04_room") | {"rawPath": path, "routeKey": "$default"}
    url = sample_event("function_url_token04_room") | {"rawPath": path}
    rest = sample_event("rest_api_token04_room") | {"path": path, "resource": "/{proxy+}"}

    assert normalised(http, Trigger.HTTP_API)["rawPath"] == plain
    assert normalised(url, Trigger.FUNCTION_URL)["rawPath"] == plain
    assert normalised(rest, Trigger.REST_API)["path"] == plain


ROOM = "/v1/rooms/{room_id}/tokens"


@pytest.mark.parametrize(
    ("route", "path", "parameters", "plain"),
    [
        # the matched route decides
        ("/v1/tokens", "/v1/rooms/v1/tokens", {}, "/v1/tokens"),
        ("/v1/tokens", "/api/v1/zego/v1/tokens", {}, "/v1/tokens"),
        ("/zego/v1/tokens", "/zego/v1/tokens/", {}, "/v1/tokens"),
        ("/v1/tokens", "//v1//tokens", {}, "/v1/tokens"),
        (ROOM, "/v1/rooms/v1/tokens", {"room_id": "v1"}, "/v1/rooms/v1/tokens"),
        ("/{tenant}" + ROOM, "/v1/v1/rooms/a/tokens", {"tenant": "v1", "room_id": "a"}, "/v1/rooms/a/tokens"),
        ("/v1/rooms/{id}/tokens", "/v1/rooms/a/tokens", {"id": "a"}, "/v1/rooms/a/tokens"),
        ("/v1/rooms/demo/tokens", "/v1/rooms/demo/tokens", {}, "/v1/rooms/demo/tokens"),
        # a route that says nothing of it
        ("/{proxy+}", "/v1/zego/v1/tokens", {"proxy": "v1/zego/v1/tokens"}, "/v1/tokens"),
        ("/v1/{proxy+}", "/v1/openapi.json", {"proxy": "openapi.json"}, "/openapi.json"),
        ("/v1/rooms/{proxy+}", "/v1/rooms/v1/tokens", {"proxy": "v1/tokens"}, "/v1/rooms/v1/tokens"),
        ("/{version}/tokens", "/v1/tokens", {"version": "v1"}, "/v1/tokens"),
        ("$default", "/v1/v1/provisioned/v1/tokens", {}, "/v1/provisioned/v1/tokens"),
        # what is not there
        (ROOM, "/v1/rooms//tokens", {"room_id": ""}, "/v1/rooms/tokens"),
        ("/{proxy+}", "/v1/token", {"proxy": "v1/token"}, "/v1/token"),
        ("$default", "/v1/tokens/x", {}, "/v1/tokens/x"),
    ],
)
def test_the_own_path_begins_where_the_matched_route_says(
    route: str, path: str, parameters: dict[str, str], plain: str
) -> None:
    http = {"rawPath": path, "routeKey": f"ANY {route}", "pathParameters": parameters}
    rest = {"path": path, "resource": route, "pathParameters": parameters}
    first_format = {"version": "1.0", **rest}

    assert normalised(sample_event("http_api_token04_room") | http, Trigger.HTTP_API)["rawPath"] == plain
    for given in (rest, first_format):
        assert normalised(sample_event("rest_api_token04_room") | given, Trigger.REST_API)["path"] == plain


@pytest.mark.parametrize("route", [ROOM, "/zego" + ROOM, "/{proxy+}", "$default"])
@pytest.mark.parametrize("room", ["50%41", "50%2541", "a b", "ü", "%", "%2F", "a+b", "{x}", "<room_id>"])
def test_what_a_gateway_has_decoded_is_not_decoded_again(route: str, room: str) -> None:
    # given: a room's id, as each of them passes it on
    encoded, prefix = quote(room, safe=""), "/zego" if route.startswith("/zego") else ""

    def of(room_id: str) -> tuple[str, dict[str, str]]:
        path = f"{prefix}/v1/rooms/{room_id}/tokens"
        return path, {"room_id": room_id} if "{room_id}" in route else {"proxy": path[1:]}

    decoded, decoded_parameters = of(room)
    raw, raw_parameters = of(encoded)
    http = {"rawPath": decoded, "routeKey": f"ANY {route}", "pathParameters": decoded_parameters}
    first_format = {
        "version": "1.0",
        "path": decoded,
        "resource": route,
        "pathParameters": decoded_parameters,
    }
    rest = {"path": raw, "resource": route, "pathParameters": raw_parameters}
    url = {"rawPath": raw}

    # then: each comes to the same segment
    own = f"/v1/rooms/{encoded}/tokens"
    assert normalised(sample_event("http_api_token04_room") | http, Trigger.HTTP_API)["rawPath"] == own
    assert normalised(sample_event("rest_api_token04_room") | first_format, Trigger.REST_API)["path"] == own
    assert normalised(sample_event("rest_api_token04_room") | rest, Trigger.REST_API)["path"] == own
    assert normalised(sample_event("function_url_token04_room") | url, Trigger.FUNCTION_URL)["rawPath"] == own


def test_every_route_is_known_by_its_path() -> None:
    assert {path.replace("<", "{").replace(">", "}") for path in paths.ALL} == set(document()["paths"])


def test_a_decoded_slash_is_known_by_its_parameter() -> None:
    given = {"rawPath": "/v1/rooms/a/b//tokens", "pathParameters": {"room_id": "a/b/"}}

    for route in (ROOM, "/zego" + ROOM):
        event = sample_event("http_api_token04_room") | given | {"routeKey": f"POST {route}"}
        assert normalised(event, Trigger.HTTP_API)["rawPath"] == "/v1/rooms/a%2Fb%2F/tokens"


@pytest.mark.parametrize(
    ("headers", "lists", "found"),
    [
        ({"Content-Type": "a"}, None, {"content-type": "a"}),
        (None, {"Content-Type": ["a"]}, {"content-type": "a"}),
        ({"content-type": "b"}, {"Content-Type": ["a", "b"]}, {"content-type": "b,a"}),
        ({}, {"Content-Type": ["a"]}, {}),
        ({"X": "a", "x": "b"}, {}, {"x": "a,b"}),
        ({"x": 1}, {"x": "a", "y": []}, {}),
        (None, {"y": "a", "w": [None, "b"]}, {"w": "b"}),
    ],
)
def test_headers_are_found_in_either_form_and_any_case(
    headers: Any, lists: Any, found: dict[str, str]
) -> None:
    event = sample_event("rest_api_token04_room") | {"headers": headers, "multiValueHeaders": lists}

    assert normalised(event, Trigger.REST_API)["headers"] == found


@pytest.mark.parametrize(
    ("single", "lists", "pairs"),
    [
        ({"limit": "1"}, None, [("limit", "1")]),
        (None, {"limit": ["1"]}, [("limit", "1")]),
        ({"limit": "2"}, {"limit": ["1", "2"]}, [("limit", "1"), ("limit", "2")]),
        ({"a": "1", "b": "2"}, {"b": ["2"]}, [("a", "1"), ("b", "2")]),
        ({"a": None}, {"b": "2"}, []),
        ([], "x", []),
    ],
)
def test_the_query_is_found_in_either_form(single: Any, lists: Any, pairs: list[tuple[str, str]]) -> None:
    given = {"queryStringParameters": single, "multiValueQueryStringParameters": lists}

    assert query_of(sample_event("rest_api_token04_room") | given) == pairs
