"""POST /v1/tokens: what is asked for is what is in the token."""

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.api import Api, create_api
from tests.factories import (
    APP_ID,
    OPEN_SETTINGS,
    SECRET,
    TRIGGERS,
    as_user,
    in_base64,
    sample_event,
    token_event,
)
from tests.independent import open_token
from zego_token import Cipher, room_payload

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize(
    ("case", "version", "mode"),
    [("token03", "03", "cbc"), ("token04_basic", "04", "gcm"), ("token04_room", "04", "gcm")],
)
def test_the_sample_events_give_tokens(api: Api, trigger: str, case: str, version: str, mode: str) -> None:
    answer = api(sample_event(f"{trigger}_{case}"))

    assert answer.status == 200
    opened = open_token(answer.json["token"], SECRET)
    assert (opened.version, opened.mode) == (version, mode) == (answer.json["version"], answer.json["cipher"])
    assert (opened.content["app_id"], opened.content["user_id"]) == (APP_ID, "alice")


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_the_sample_of_bad_input_names_the_field(api: Api, trigger: str) -> None:
    answer = api(sample_event(f"{trigger}_bad_input"))

    assert (answer.status, answer.json["field"]) == (400, "app_id")


def test_a_basic_token_takes_the_defaults_of_the_deployment(api: Api) -> None:
    before = int(time.time())

    answer = api(token_event(fields={}))

    opened = open_token(answer.json.pop("token"), SECRET)
    issued_at = answer.json["issued_at"]
    assert before <= issued_at <= int(time.time())
    assert answer.json == {
        "version": "04",
        "cipher": "gcm",
        "app_id": APP_ID,
        "user_id": "alice",
        "room_id": None,
        "privilege": None,
        "stream_ids": None,
        "issued_at": issued_at,
        "expires_at": issued_at + 3600,
        "refresh_after": issued_at + 2880,
        "expires_in": 3600,
        "refresh_in": 2880,
    }
    assert opened.content["payload"] == ""
    assert (opened.content["ctime"], opened.content["expire"]) == (issued_at, issued_at + 3600)


def test_the_default_validity_stays_within_the_longest(secrets_manager: "SecretsManagerClient") -> None:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    settings = replace(OPEN_SETTINGS, max_ttl_seconds=1800)
    api = create_api(secrets_manager, settings)

    answer = api(token_event(fields={}))

    assert answer.json["expires_at"] - answer.json["issued_at"] == 1800


def test_a_room_token_carries_room_privilege_and_streams(api: Api) -> None:
    fields = {
        "room_id": "demo",
        "privilege": {"login": False, "publish": True},
        "stream_ids": ["s1", "s2"],
        "effective_time_in_seconds": 60,
        "product": "uikit",
    }

    answer = api(token_event(fields=fields))

    content = open_token(answer.json["token"], SECRET).content
    assert json.loads(content["payload"]) == {
        "room_id": "demo",
        "privilege": {"1": 0, "2": 1},
        "stream_id_list": ["s1", "s2"],
    }
    assert content["expire"] - content["ctime"] == 60
    assert {name: answer.json[name] for name in ("room_id", "privilege", "stream_ids")} == {
        "room_id": "demo",
        "privilege": {"login": False, "publish": True},
        "stream_ids": ["s1", "s2"],
    }


def test_a_room_without_privilege_lets_log_in_only(api: Api) -> None:
    answer = api(token_event(fields={"room_id": "demo"}))

    assert answer.json["privilege"] == {"login": True, "publish": False}


def test_a_raw_payload_goes_in_as_it_is_and_the_answer_shows_what_it_allows(api: Api) -> None:
    payload = '{"privilege": {"2": 1, "1": 0}, "stream_id_list": ["s1"], "room_id":\t"demo" }\n'

    answer = api(token_event(fields={"payload": payload}))

    assert open_token(answer.json["token"], SECRET).content["payload"] == payload
    assert {name: answer.json[name] for name in ("room_id", "privilege", "stream_ids")} == {
        "room_id": "demo",
        "privilege": {"login": False, "publish": True},
        "stream_ids": ["s1"],
    }


@pytest.mark.parametrize(
    "payload", ["", '{"room_id":"demo","privilege":{"1":1,"2":0}}', room_payload("demo")]
)
def test_payloads_that_zego_documents_are_taken(api: Api, payload: str) -> None:
    answer = api(token_event(fields={"payload": payload}))

    assert open_token(answer.json["token"], SECRET).content["payload"] == payload
    assert (answer.json["room_id"], answer.json["stream_ids"]) == ("demo" if payload else None, None)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("own text", "this is not a JSON object"),
        ("[]", "this is not a JSON object"),
        ('"{}"', "this is not a JSON object"),
        ("null", "this is not a JSON object"),
        ("[" * 30_000, "this is not a JSON object"),
        ('\ufeff{"room_id":"demo","privilege":{"1":1,"2":1}}', "this is not a JSON object"),
        ('{"room_id":"demo","privilege":{"1":1,"2":NaN}}', "this is not a JSON object"),
        ("{}", "privilege is required"),
        ('{"room_id":"demo"}', "privilege is required"),
        ('{"privilege":{"1":1,"2":1}}', "room_id is required"),
        ('{"room_id":"","privilege":{"1":1,"2":1}}', "room_id must not be empty"),
        ('{"room_id":null,"privilege":{"1":1,"2":1}}', "not null"),
        ('{"room_id":"a b","privilege":{"1":1,"2":1}}', "U+0020 SPACE"),
        ('{"Room_id":"demo","privilege":{"1":1,"2":1}}', "Room_id: this field is not known; did you mean room_id?"),
        ('{"room_id":"demo","Room_id":"b","privilege":{"1":1,"2":1}}', "Room_id: this field is not known"),
        ('{"room_id":"demo","room_id":"b","privilege":{"1":1,"2":1}}', "room_id: a member must not be there twice"),
        ('{"room_id":"demo","room\\u005fid":"b","privilege":{"1":1,"2":1}}', "room_id: a member must not"),
        ('{"room_id":"demo","privilege":{"1":1,"1":0,"2":1}}', "1: a member must not be there twice"),
        ('{"room_id":"demo","privilege":{"1":1}}', "privilege must map both"),
        ('{"room_id":"demo","privilege":{"1":1,"2":2}}', "privilege must map both"),
        ('{"room_id":"demo","privilege":{"1":true,"2":false}}', "privilege must map both"),
        ('{"room_id":"demo","privilege":{"1":1.0,"2":0}}', "privilege must map both"),
        ('{"room_id":"demo","privilege":{"1":1,"2":1,"3":1}}', "privilege must map both"),
        ('{"room_id":"demo","privilege":{"1":1,"2":1},"stream_id_list":[]}', "stream_id_list must not be empty"),
        ('{"room_id":"demo","privilege":{"1":1,"2":1},"stream_id_list":["a b"]}', "a stream id must not contain"),
        ('{"room_id":"demo","privilege":{"1":1,"2":1},"own":1}', "own: this field is not known"),
    ],
)  # fmt: skip
def test_a_raw_payload_hides_nothing(api: Api, payload: str, reason: str) -> None:
    answer = api(token_event(fields={"payload": payload}))

    assert (answer.status, answer.json["field"]) == (400, "payload")
    assert answer.json["detail"].startswith('payload must be like {"room_id": "demo", ')
    assert reason in answer.json["detail"]


def test_publishing_by_a_payload_needs_the_scope_too(api: Api) -> None:
    backend = {"sub": "backend", "scope": "zego:issue"}

    answers = [
        api(as_user(token_event(fields={"payload": room_payload("demo", publish=publish)}), backend))
        for publish in (False, True)
    ]

    assert [answer.status for answer in answers] == [200, 403]
    assert (answers[1].json["rule"], answers[1].json["field"]) == ("publish-scope", "payload")


@pytest.mark.parametrize(
    "privilege",
    [{"login": True, "publish": False}, {"canLoginRoom": True, "canPublishStream": False}, {"1": 1, "2": 0}],
)
@pytest.mark.parametrize("version", ["03", "04"])
def test_privileges_are_spelled_in_three_ways(api: Api, privilege: dict[str, Any], version: str) -> None:
    answer = api(token_event(fields={"version": version, "room_id": "demo", "privilege": privilege}))

    assert answer.json["privilege"] == {"login": True, "publish": False}


@pytest.mark.parametrize(
    "names",
    [("appID", "userID", "roomID", "effectiveTimeInSeconds", "stream_id_list"),
     ("appId", "userId", "roomId", "effectiveTimeInSeconds", "stream_id_list")],
)  # fmt: skip
def test_the_names_of_the_official_generators_are_taken(api: Api, names: tuple[str, ...]) -> None:
    values = (APP_ID, "bob", "demo", 120, ["s1"])

    answer = api(token_event(body=json.dumps(dict(zip(names, values, strict=True)))))

    assert answer.status == 200
    assert (answer.json["user_id"], answer.json["room_id"], answer.json["stream_ids"]) == (
        "bob",
        "demo",
        ["s1"],
    )
    assert answer.json["expires_at"] - answer.json["issued_at"] == 120


def test_null_streams_are_any_streams(api: Api) -> None:
    answer = api(token_event(fields={"room_id": "demo", "stream_ids": None}))

    content = open_token(answer.json["token"], SECRET).content
    assert json.loads(content["payload"])["stream_id_list"] is None


@pytest.mark.parametrize("user_id", ["房间", "😀" * 8, 'a"b\\c/d', "a b", "é", "ÅÄÖ", "ไทย"])
def test_unicode_survives_where_zim_takes_it(api: Api, user_id: str) -> None:
    answer = api(token_event(fields={"user_id": user_id, "product": "zim"}))

    assert open_token(answer.json["token"], SECRET).content["user_id"] == user_id


@pytest.mark.parametrize("user_id", ["#!$%&()`'+-;<=.>@^_~,\\*", "a%2Fb", "\\" * 63])
def test_every_sign_that_express_takes_survives(api: Api, user_id: str) -> None:
    answer = api(token_event(fields={"user_id": user_id, "room_id": user_id}))

    content = open_token(answer.json["token"], SECRET).content
    assert (content["user_id"], json.loads(content["payload"])["room_id"]) == (user_id, user_id)


def test_the_longest_ids_fit_together(api: Api) -> None:
    fields = {
        "user_id": "\\" * 63,
        "room_id": "\\" * 127,
        "stream_ids": [f"{number:0>255}" for number in range(100)],
    }

    assert api(token_event(fields=fields)).status == 200


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


def test_the_deployment_chooses_the_cipher(secrets_manager: "SecretsManagerClient") -> None:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    settings = replace(OPEN_SETTINGS, token_cipher=Cipher.CBC)
    api = create_api(secrets_manager, settings)

    answer = api(token_event())

    assert (answer.json["cipher"], open_token(answer.json["token"], SECRET).mode) == ("cbc", "cbc")


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
        ('{"user_id": "a",}', "; it has an error in line 1, column 17"),
        ('{\n"user_id": secret}', "; it has an error in line 2, column 12"),
        ("[" * 60_000, "; it is nested too deeply"),
    ],
)
def test_the_answer_says_what_is_wrong_with_a_body_and_quotes_nothing(
    api: Api, body: str, found: str
) -> None:
    answer = api(token_event(body=body))

    assert answer.json["detail"] == f"the body must be one JSON object{found}"
