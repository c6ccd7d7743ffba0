"""Events are told apart by their own shape; the caller comes from the request context alone."""

from typing import Any

import pytest

from tests.factories import USER_ARN, sample_event, token_event, without_caller
from token_api.gateway_events import Trigger, caller_of, normalised, trigger_of

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


@pytest.mark.parametrize("trigger", ["http_api", "rest_api", "function_url"])
def test_the_iam_caller(trigger: str) -> None:
    event = sample_event(f"{trigger}_token04_room")

    caller = caller_of(event)

    assert caller is not None
    assert caller.identity == f"iam:{USER_ARN}"
    assert caller_of(without_caller(event)) is None


NOBODY_V2: list[Any] = [
    None, {}, [], "alice", {"iam": None}, {"iam": {"userArn": ""}}, {"iam": {"userArn": ["arn"]}},
    {"jwt": {"claims": None}}, {"jwt": {"claims": {"sub": {"a": 1}}}}, {"lambda": None}, {"lambda": {}},
    {"principalId": "alice"},
]  # fmt: skip
NOBODY_V1: list[Any] = [None, {}, {"claims": None, "scopes": None}, {"principalId": ""}, {"claims": "sub"}]


@pytest.mark.parametrize(
    ("trigger", "authorizer", "identity"),
    [
        ("http_api", {"jwt": {"claims": {"sub": "alice"}, "scopes": None}}, "jwt:alice"),
        ("http_api", {"lambda": {"principalId": "alice"}}, "lambda:alice"),
        ("http_api", {"lambda": {"sub": "alice"}}, "lambda:alice"),
        ("rest_api", {"claims": {"sub": "alice"}}, "cognito:alice"),
        ("rest_api", {"principalId": "alice", "integrationLatency": 5}, "lambda:alice"),
        *(("http_api", authorizer, None) for authorizer in NOBODY_V2),
        *(("rest_api", authorizer, None) for authorizer in NOBODY_V1),
    ],
)
def test_callers_of_other_authorizers(trigger: str, authorizer: Any, identity: str | None) -> None:
    event = without_caller(token_event(trigger))
    event["requestContext"]["authorizer"] = authorizer

    caller = caller_of(event)

    assert (None if caller is None else caller.identity) == identity


def test_headers_and_body_make_no_caller() -> None:
    event = without_caller(token_event("rest_api"))
    event["headers"] = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=…",
        "x-amzn-oidc-identity": "alice",
        "x-forwarded-user": "alice",
    }
    event["body"] = '{"requestContext":{"identity":{"userArn":"arn:aws:iam::1:user/alice"}}}'

    assert caller_of(event) is None


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
