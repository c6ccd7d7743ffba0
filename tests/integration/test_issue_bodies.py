"""POST /v1/tokens: how bodies may be written, and what the answer says of one that is wrong."""

import pytest

from tests.api import Api
from tests.factories import (
    TRIGGERS,
    in_base64,
    token_event,
)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_body_in_base64_is_read(api: Api, trigger: str) -> None:
    answer = api(in_base64(token_event(trigger, {"user_id": "bob"})))

    assert (answer.status, answer.json["user_id"]) == (200, "bob")


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_answers_are_json_that_nobody_stores(api: Api, trigger: str) -> None:
    answer = api(token_event(trigger))

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
@pytest.mark.parametrize("name", ["content-type", "Content-Type", "CONTENT-TYPE"])
def test_content_types_of_json_are_taken(api: Api, name: str, content_type: str) -> None:
    event = token_event()
    event["headers"] = {name: content_type}

    assert api(event).status == 200


@pytest.mark.parametrize("written", ["3600", "3600.0", "3.6e3", "36E2", "3600.000000000"])
def test_a_validity_is_an_integer_as_json_schema_has_it(api: Api, written: str) -> None:
    answer = api(token_event(body=f'{{"user_id": "alice", "effective_time_in_seconds": {written}}}'))

    assert answer.json["expires_at"] - answer.json["issued_at"] == 3600


def test_a_byte_order_mark_before_a_body_is_no_part_of_it(api: Api) -> None:
    event = token_event(body='\ufeff{"user_id": "bob"}')

    assert [api(given).json["user_id"] for given in (event, in_base64(event))] == ["bob", "bob"]


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"userid": "a"}, "this field is not known; did you mean user_id?"),
        ({"user_id": None}, "user_id must be a non-empty string, not null"),
        ({"user_id": ""}, "user_id must not be empty"),
        ({"user_id": 7}, "user_id must be a non-empty string, not a number"),
        ({"app_id": "7"}, "app_id must be an integer from 1 to 4294967295, not a string: write it without quotes"),
        ({"privilege": None, "room_id": "r"},
         'privilege must be an object such as {"login": true, "publish": false}, not null'),
        ({"privilege": {"login": True}, "room_id": "r"},
         'privilege must say both, in one spelling, such as {"login": true, "publish": false}'),
        ({"privilege": {"1": 1, "publish": True}, "room_id": "r"},
         'privilege must say both, in one spelling, such as {"login": true, "publish": false}'),
        ({"privilege": {"Login": True, "publish": True}, "room_id": "r"},
         '"Login": this member of privilege is not known; did you mean login?'),
        ({"privilege": {"login": 1, "publish": True}, "room_id": "r"},
         "privilege: login must be true or false, not a number"),
        ({"privilege": {"1": True, "2": 0}, "room_id": "r"}, "privilege: 1 must be 0 or 1, not true or false"),
        ({"privilege": {"1": 1, "2": 2}, "room_id": "r"}, "privilege: 2 must be 0 or 1, not another number"),
        ({"effective_time_in_seconds": 60.5},
         "effective_time_in_seconds must be a positive integer number of seconds, not a number with a fraction"),
    ],
)  # fmt: skip
def test_the_answer_says_what_was_expected_and_what_was_found(
    api: Api, fields: dict[str, object], detail: str
) -> None:
    assert api(token_event(fields=fields)).json["detail"] == detail


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("[]", ", not a list"),
        ("null", ", not null"),
        ('"secret"', ", not a string"),
        ('{"user_id": "a"', "; it has an error in line 1, column 16"),
        ('{\n"user_id": secret}', "; it has an error in line 2, column 12"),
        ("[" * 60_000, "; it is nested too deeply"),
    ],
)
def test_the_answer_says_what_is_wrong_with_a_body_and_quotes_nothing(
    api: Api, body: str, found: str
) -> None:
    answer = api(token_event(body=body))

    assert answer.json["detail"] == f"the body must be one JSON object{found}"
