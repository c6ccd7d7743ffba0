"""Events are told apart by their own shape, and brought into one."""

from typing import Any

import pytest

from tests.factories import sample_event
from token_api.gateway_events import Trigger, normalised, trigger_of

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
    http = normalised(sample_event("http_api_token04_room") | {"rawPath": path}, Trigger.HTTP_API)
    rest = normalised(sample_event("rest_api_token04_room") | {"path": path}, Trigger.REST_API)

    assert (http["rawPath"], rest["path"]) == (plain, plain)
