"""The same routes behind every trigger, under stages and base paths."""

from typing import Any

import pytest

from tests.api import Answer, Api
from tests.factories import HEALTH, TRIGGERS, FakeContext, token_event, without_caller


def at(event: dict[str, Any], path: str, *, method: str = "POST", stage: str = "$default") -> dict[str, Any]:
    context = {**event["requestContext"], "stage": stage}
    if "http" in context:
        context["http"] = {**context["http"], "method": method, "path": path}
        return {**event, "rawPath": path, "requestContext": context}
    return {**event, "path": path, "httpMethod": method, "requestContext": context | {"path": path}}


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize(
    ("path", "stage"),
    [
        ("/v1/tokens", "$default"),
        ("/v1/tokens/", "$default"),
        ("/v1/tokens", "prod"),  # a custom domain: the stage is not in the path
        ("/prod/v1/tokens", "prod"),
        ("/prod/v1/tokens/", "prod"),
        ("/tokens-of-zego/v1/tokens", "prod"),  # a custom domain with a base path
        ("/v1/v1/tokens", "v1"),
        ("/v1/tokens", "v1"),
    ],
)
def test_stages_base_paths_and_trailing_slashes(api: Api, trigger: str, path: str, stage: str) -> None:
    assert api(at(token_event(trigger), path, stage=stage)).status == 200


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("path", ["/v1/health", "/v1/health/", "/prod/v1/health"])
def test_health_is_open_and_says_nothing_but_ok_and_the_version(api: Api, trigger: str, path: str) -> None:
    event = without_caller(token_event(trigger)) | {"body": None}

    answer = api(at(event, path, method="GET"))

    assert (answer.status, answer.json) == (200, HEALTH)


def test_answers_come_in_the_triggers_own_form(api: Api) -> None:
    http = api._handler(token_event("http_api"), FakeContext())
    rest = api._handler(token_event("rest_api"), FakeContext())

    assert http["headers"]["Content-Type"] == "application/json"
    assert rest["multiValueHeaders"]["Content-Type"] == ["application/json"]


@pytest.mark.parametrize(
    "event",
    [
        {"Records": []},
        {"detail-type": "Zego Room Scheduled", "source": "com.example.booking", "detail": {}},
        {
            "requestContext": {"elb": {"targetGroupArn": "arn:…"}},
            "httpMethod": "POST",
            "path": "/v1/tokens",
            "headers": {"x-amzn-oidc-identity": "alice"},
            "body": '{"user_id":"alice"}',
            "isBase64Encoded": False,
        },
    ],
)
def test_load_balancers_and_strangers_are_refused(api: Api, event: dict[str, Any]) -> None:
    answer = Answer(api._handler(event, FakeContext()))

    assert (answer.status, answer.json["status"]) == (401, 401)
    assert answer.json["instance"] == FakeContext().aws_request_id


def test_requests_of_several_triggers_do_not_mix(api: Api) -> None:
    for _ in range(3):
        for trigger in TRIGGERS:
            assert api(token_event(trigger, {"user_id": trigger})).json["user_id"] == trigger
