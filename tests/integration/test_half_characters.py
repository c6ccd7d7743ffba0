"""Half a character (a lone surrogate) in what a request says: JSON can write it, and UTF-8 cannot."""

import json
import time
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from tests.api import Api
from tests.factories import TRIGGERS, as_user, token_event
from tests.room_requests import request

HALVES = ["\ud800", "a\udfff", "\udc00\ud800"]
HOUR = int(time.time()) + 3600


def cursor(*key: object) -> str:
    return urlsafe_b64encode(json.dumps(key).encode()).decode()


@pytest.mark.parametrize("half", HALVES, ids=ascii)
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_page_cursor_with_half_a_character_is_a_400(api: Api, trigger: str, half: str) -> None:
    for after in (cursor(None, f"ROSTER#{half}"), cursor(f"1-{half}", f"GRANT#{half}"), half):
        answer = api(
            request(
                "GET", "/v1/rooms/{room_id}/grants", trigger, query=_query(trigger, after), room_id="demo"
            )
        )

        assert (answer.status, answer.json["field"]) == (400, "after")


def _query(trigger: str, after: str) -> dict[str, object]:
    # only a REST API passes on what UTF-8 cannot carry
    return {"after": after if trigger == "rest_api" else after.encode("utf-8", "replace").decode()}


def of_subject(event: dict[str, Any], subject: str, scope: str) -> Any:
    return as_user(event, {"sub": subject, "scope": scope, "client_id": subject})


@pytest.mark.parametrize("half", HALVES, ids=ascii)
@pytest.mark.parametrize("scope", ["", "zego:publish zego:revoke", "zego:issue zego:publish zego:revoke"])
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_subject_with_half_a_character_makes_no_request_fail(
    api: Api, trigger: str, scope: str, half: str
) -> None:
    body = {"user_id": "eve", "until": HOUR}
    asked = [
        token_event(trigger, {"room_id": "demo"}),
        token_event(trigger, {"room_id": "demo", "user_id": half}),
        token_event(trigger, body='{"room_id": "demo"}'),
        request("POST", "/v1/rooms/{room_id}/tokens", trigger, room_id="demo"),
        request("POST", "/v1/rooms/{room_id}/tokens", trigger, {}, room_id="demo"),
        request("GET", "/v1/rooms/{room_id}/grants", trigger, room_id="demo"),
        request("GET", "/v1/provisioned/{request_id}/{user_id}", trigger, request_id="r", user_id="alice"),
        request("POST", "/v1/revocations", trigger, body),
        request("GET", "/v1/revocations", trigger),
        request("DELETE", "/v1/revocations", trigger, query={"user_id": "eve"}),
        request("GET", "/openapi.json", trigger),
        request("GET", "/nowhere", trigger),
    ]

    answers = [api(of_subject(event, half, scope)) for event in asked]

    assert [answer.status for answer in answers if answer.status >= 500] == []
    json.dumps([answer.json for answer in answers], ensure_ascii=False).encode()


@pytest.mark.parametrize("half", HALVES, ids=ascii)
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_path_a_header_or_an_id_with_half_a_character_is_no_failure(
    api: Api, trigger: str, half: str
) -> None:
    event = token_event(trigger)
    path = "path" if trigger == "rest_api" else "rawPath"
    requests = [
        event | {path: f"/v1/{half}/tokens"},
        event | {path: f"/v1/rooms/{half}/tokens", "routeKey": "$default", "resource": "/{proxy+}"},
        event | {"headers": {**event["headers"], half: half}},
        event | {"queryStringParameters": {half: half}, "rawQueryString": half},
        event | {"requestContext": {**event["requestContext"], "requestId": half}},
        event | {"body": half},
    ]

    assert [answer.status for answer in map(api, requests) if answer.status >= 500] == []
