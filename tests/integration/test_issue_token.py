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
    sample_event,
    token_event,
)
from tests.independent import open_token
from zego_token import Cipher

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


def test_the_deployment_chooses_the_cipher(secrets_manager: "SecretsManagerClient") -> None:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    settings = replace(OPEN_SETTINGS, token_cipher=Cipher.CBC)
    api = create_api(secrets_manager, settings)

    answer = api(token_event())

    assert (answer.json["cipher"], open_token(answer.json["token"], SECRET).mode) == ("cbc", "cbc")
