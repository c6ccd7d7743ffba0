"""Tokens for ZEGO's UIKit: kit tokens, names that others see, and the streams that UIKit publishes."""

import json
from base64 import b64decode
from typing import Any

import pytest

from tests.api import Api
from tests.factories import APP_ID, SECRET, TRIGGERS, as_user, token_event
from tests.independent import open_token
from tests.room_requests import entry, refused, schedule
from zego_service.deployment import Deployment as Service
from zego_service.provisioning.rooms import Participant
from zego_token import kit_token

ALICE = Participant(user_id="alice", publish=True)


def asking(body: dict[str, Any], trigger: str = "http_api") -> dict[str, Any]:
    """A backend's request for a token."""
    return token_event(trigger) | {"body": json.dumps(body), "isBase64Encoded": False}


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_uikit_gets_a_kit_token_for_its_room(api: Api, trigger: str) -> None:
    body = {"user_id": "alice", "room_id": "demo", "product": "uikit", "user_name": "李雷 & Söhne"}

    answer = api(asking(body, trigger)).json

    assert answer["kit_token"] == kit_token(answer["token"], "demo", "alice", "李雷 & Söhne", APP_ID)
    assert open_token(answer["token"], SECRET).content["user_id"] == "alice"


def test_without_a_name_others_see_the_user_id(api: Api) -> None:
    answer = api(asking({"user_id": "alice", "room_id": "demo", "product": "uikit"})).json

    kit = json.loads(b64decode(answer["kit_token"].partition("#")[2]))
    assert kit == {"userID": "alice", "roomID": "demo", "userName": "alice", "appID": APP_ID}


@pytest.mark.parametrize("body", [{"product": "uikit", "user_name": "Alice"}, {"product": "uikit"}])
def test_the_route_of_a_room_answers_with_it_too(service: Service, api: Api, body: dict[str, Any]) -> None:
    schedule(service, ALICE)
    event = as_user(entry(), {"sub": "alice"}) | {"body": json.dumps(body), "isBase64Encoded": False}

    answer = api(event).json

    assert answer["kit_token"] == kit_token(
        answer["token"], "demo", "alice", body.get("user_name", "alice"), APP_ID
    )


@pytest.mark.parametrize(
    "body",
    [
        {"user_id": "alice", "room_id": "demo"},
        {"user_id": "alice", "product": "uikit"},
        {"user_id": "alice", "room_id": "demo", "product": "uikit", "version": "03"},
        {"user_id": "alice", "product": "zim"},
    ],
)
def test_other_answers_have_none(api: Api, body: dict[str, Any]) -> None:
    answer = api(asking(body))

    assert answer.status == 200
    assert "kit_token" not in answer.json


@pytest.mark.parametrize(
    "fields",
    [
        {"user_name": "Alice"},
        {"product": "uikit", "room_id": None, "user_name": "Alice"},
        {"product": "uikit", "version": "03", "user_name": "Alice"},
        {"product": "uikit", "user_name": ""},
        {"product": "uikit", "user_name": None},
        {"product": "uikit", "user_name": 7},
        {"product": "uikit", "user_name": "half \ud83e"},
        {"product": "uikit", "user_name": "é" * 129},
    ],
)
def test_a_name_that_nobody_would_see_is_refused(api: Api, fields: dict[str, Any]) -> None:
    body = {"user_id": "alice", "room_id": "demo", **fields}

    refused(api(asking({name: value for name, value in body.items() if name != "room_id" or value})), 400,
            field="user_name")  # fmt: skip


def test_uikit_stands_for_the_streams_that_uikit_publishes(api: Api) -> None:
    publishing = {"privilege": {"login": True, "publish": True}, "stream_ids": "uikit"}

    answer = api(asking({"user_id": "alice", "room_id": "demo", **publishing})).json

    assert answer["stream_ids"] == ["demo_alice_main", "demo_alice_screensharing"]


def test_without_a_room_it_stands_for_nothing(api: Api) -> None:
    answer = refused(api(asking({"user_id": "alice", "stream_ids": "uikit"})), 400, field="stream_ids")

    assert answer.json["detail"] == 'stream_ids "uikit" needs a room_id'


@pytest.mark.parametrize("stream_ids", ["UIKIT", "uikit:*", ""])
def test_in_other_spellings_it_stands_for_nothing(api: Api, stream_ids: str) -> None:
    body = {"user_id": "alice", "room_id": "demo", "stream_ids": stream_ids}

    refused(api(asking(body)), 400, field="stream_ids")
