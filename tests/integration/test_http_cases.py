"""Requests that people really have, behind other people's APIs."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api import Api
from tests.factories import SECRET, TRIGGERS, FakeContext, token_event, without_caller
from tests.independent import open_token

CASES = Path(__file__).parents[1] / "cases"


def case(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text())
    return event


def test_an_api_mapping_in_front_of_the_api(api: Api) -> None:
    answer = api(case("http_api_base_path_v1_zego"))

    assert answer.status == 200
    assert open_token(answer.json["token"], SECRET).content["user_id"] == "alice"


def test_the_document_under_a_stage_or_mapping_named_v1(api: Api) -> None:
    answer = api(case("http_api_openapi_under_v1"))

    assert (answer.status, answer.json["openapi"]) == (200, "3.1.0")


def test_the_routes_below_a_resource_of_an_existing_api(api: Api) -> None:
    answer = api(case("rest_api_mounted_under_zego"))

    assert (answer.status, answer.json["rule"]) == (403, "no-grant")


def test_single_value_query_parameters_count(api: Api) -> None:
    event = case("rest_api_single_query_only")

    answers = [api(event | {"queryStringParameters": {"limit": limit}}) for limit in ("1", "0")]

    assert [answer.status for answer in answers] == [200, 400]
    assert answers[1].json["field"] == "limit"


def head(event: dict[str, Any], path: str) -> dict[str, Any]:
    context = event["requestContext"]
    if "http" in context:
        http = {**context["http"], "method": "HEAD"}
        return event | {"rawPath": path, "requestContext": {**context, "http": http}}
    return event | {"path": path, "httpMethod": "HEAD"}


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize(
    ("path", "status"), [("/v1/health", 200), ("/openapi.json", 200), ("/v1/tokens", 405), ("/nowhere", 404)]
)
def test_head_answers_like_get_without_a_body(api: Api, trigger: str, path: str, status: int) -> None:
    event = token_event(trigger) | {"body": None}

    answer = api._handler(head(event, path), FakeContext())
    got = api._handler(_get(event, path), FakeContext())

    assert (answer["statusCode"], answer["body"]) == (status, "")
    assert {name: answer[name] for name in answer if name != "body"} == {
        name: got[name] for name in got if name != "body"
    }


def _get(event: dict[str, Any], path: str) -> dict[str, Any]:
    asked = head(event, path)
    if "httpMethod" in asked:
        return asked | {"httpMethod": "GET"}
    http = {**asked["requestContext"]["http"], "method": "GET"}
    return asked | {"requestContext": {**asked["requestContext"], "http": http}}


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_head_needs_a_caller_where_get_does(api: Api, trigger: str) -> None:
    answer = api._handler(head(without_caller(token_event(trigger)), "/openapi.json"), FakeContext())

    assert (answer["statusCode"], answer["body"]) == (401, "")
