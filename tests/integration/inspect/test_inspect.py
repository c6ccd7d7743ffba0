"""`POST /v1/tokens/inspect`: what is in a token, and what is wrong with it."""

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.api import Api, create_api
from tests.diagnosis.made import room, token04
from tests.diagnosis.mistakes import MISTAKES, kit
from tests.factories import APP_ID, OTHER_SECRET, SECRET, TRIGGERS, as_user, without_caller
from tests.inspections import inspect_event
from tests.output import Written
from zego_service.settings import Settings
from zego_token import Cipher, generate_token03, generate_token04, room_payload

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

pytestmark = pytest.mark.usefixtures("at_once")
ROOM = room_payload("demo", publish=True)


def codes(api: Api, token: object, **fields: Any) -> list[str]:
    answer = api(inspect_event(token, **fields))
    assert answer.status == 200, answer.json
    return [found["code"] for found in answer.json["findings"]]


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("cipher", list(Cipher))
def test_a_right_token_is_shown_and_has_no_finding(api: Api, trigger: str, cipher: Cipher) -> None:
    now = int(time.time())
    token = generate_token04(APP_ID, "alice", SECRET, 3600, ROOM, cipher=cipher, now=now)

    answer = api(inspect_event(token, trigger, user_id="alice", room_id="demo"))

    assert answer.status == 200
    assert 3590 <= answer.json["token"].pop("expires_in") <= 3600
    assert answer.json == {
        "token": {
            "version": "04",
            "cipher": cipher.value,
            "app_id": APP_ID,
            "user_id": "alice",
            "room_id": "demo",
            "privilege": {"login": True, "publish": True},
            "issued_at": now,
            "expires_at": now + 3600,
        },
        "findings": [],
    }
    assert answer.headers["cache-control"] == "no-store"


def test_a_token03_that_opens_is_shown(api: Api) -> None:
    token = generate_token03(APP_ID, "demo", "alice", {1: 1, 2: 0}, SECRET, 3600)

    answer = api(inspect_event(token, room_id="maths"))

    assert answer.json["token"]["privilege"] == {"login": True, "publish": False}
    assert [found["code"] for found in answer.json["findings"]] == ["other-room", "publish-denied"]


def test_a_gcm_token_is_explained_in_full(api: Api) -> None:
    answer = api(inspect_event(token04(payload={"room_id": "demo"}), user_id="bob"))

    (payload, privilege, expired, other) = answer.json["findings"]
    assert answer.json["token"] is None
    assert payload["code"] == "payload-is-object"
    assert payload["client_error_codes"][0] == 1002075
    assert (privilege["code"], expired["code"], other["code"]) == (
        "privilege-invalid",
        "expired",
        "other-user",
    )
    assert other["sentence"] == "The token is for user 'alice', not for 'bob'."
    assert codes(api, room(privilege={"1": 0, "2": 0}))[:2] == ["expired", "login-denied"]


def test_an_id_that_the_sdk_refuses_is_a_finding(api: Api) -> None:
    token = generate_token04(APP_ID, "alice", SECRET, 3600, ROOM)

    found = codes(api, token, user_id="alice smith", room_id="a/b")

    assert found == ["other-user", "other-room", "user-id-refused", "room-id-refused"]


def test_a_gcm_token_of_a_mangled_secret_is_explained(api: Api) -> None:
    assert codes(api, token04(key=bytes.fromhex(SECRET)))[0] == "key-hex-decoded"


def test_what_is_no_token_is_told_apart(api: Api) -> None:
    plain = {"token-missing", "jwt", "app-sign", "server-secret", "not-a-token"}
    for mistake in MISTAKES:
        if isinstance(mistake.token, str) and mistake.code in plain:
            assert codes(api, mistake.token)[0] == mistake.code


def test_a_damaged_gcm_token_is_repaired_and_explained(api: Api) -> None:
    token = generate_token04(APP_ID, "alice", SECRET, 3600, ROOM)

    assert codes(api, f'"{token}"') == ["quoted"]
    assert codes(api, f" {token}\n") == ["whitespace"]
    assert codes(api, kit(token=token), product="uikit") == []
    assert codes(api, kit(token=token)) == ["kit-token"]


@pytest.mark.parametrize("cipher", list(Cipher))
def test_a_token_of_before_the_rotation_is_recognised(
    api: Api, secrets_manager: "SecretsManagerClient", cipher: Cipher
) -> None:
    token = generate_token04(APP_ID, "alice", SECRET, 3600, ROOM, cipher=cipher)
    secrets_manager.put_secret_value(SecretId=f"zego/{APP_ID}", SecretString=OTHER_SECRET)

    answer = api(inspect_event(token))

    assert [found["code"] for found in answer.json["findings"]] == ["made-before-the-rotation"]
    assert answer.json["token"]["user_id"] == "alice"
    assert codes(api, generate_token04(APP_ID, "a", OTHER_SECRET, 3600, ROOM)) == []


def test_a_previous_value_that_is_no_secret_is_left_out(
    secrets_manager: "SecretsManagerClient", settings: Settings
) -> None:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString="a placeholder")
    secrets_manager.put_secret_value(SecretId=f"zego/{APP_ID}", SecretString=SECRET)
    api = create_api(secrets_manager, settings)

    assert codes(api, generate_token04(APP_ID, "alice", SECRET, 3600, ROOM)) == []
    assert codes(api, token04(key=OTHER_SECRET.encode())) == ["cannot-be-opened"]


@pytest.mark.parametrize("trigger", ["http_api", "rest_api"])
def test_only_those_who_may_inspect(api: Api, trigger: str) -> None:
    event = inspect_event(token04(), trigger)

    assert api(without_caller(event)).status == 401
    user = api(as_user(event, {"sub": "alice", "scope": "zego:publish zego:revoke"}))
    assert (user.status, user.json["rule"]) == (403, "inspect-scope")
    assert api(as_user(event, {"sub": "alice", "scope": "zego:inspect"})).status == 200
    assert api(as_user(event, {"sub": "alice", "scope": "zego/inspect"})).status == 200
    assert api(as_user(event, {"client_id": "backend", "scope": "zego:issue"})).status == 200


def test_a_user_may_ask_about_the_deployments_own_app_alone(
    api: Api, secrets_manager: "SecretsManagerClient"
) -> None:
    secrets_manager.create_secret(Name="zego/7", SecretString=OTHER_SECRET)
    event = inspect_event(generate_token04(7, "a", OTHER_SECRET, 3600, ROOM), app_id=7)

    assert api(event).json["findings"] == []
    assert api(as_user(event, {"sub": "alice", "scope": "zego:inspect"})).status == 404
    assert api(inspect_event("04", app_id=8)).status == 404


BAD_BODIES: list[tuple[dict[str, Any], str]] = [
    ({}, "token"),
    ({"token": None}, "token"),
    ({"token": ""}, "token"),
    ({"token": 4}, "token"),
    ({"token": ["04"]}, "token"),
    ({"token": "\ud800"}, "token"),
    ({"token": "04", "app_id": "1"}, "app_id"),
    ({"token": "04", "user_id": ""}, "user_id"),
    ({"token": "04", "user_id": "u" * 64}, "user_id"),
    ({"token": "04", "user_id": None}, "user_id"),
    ({"token": "04", "room_id": 5}, "room_id"),
    ({"token": "04", "product": "live"}, "product"),
    ({"token": "04", "secret": SECRET}, "secret"),
]


@pytest.mark.parametrize(("body", "field"), BAD_BODIES)
def test_bad_input_is_named(api: Api, body: dict[str, Any], field: str) -> None:
    answer = api(inspect_event(None, body=json.dumps(body)))

    assert (answer.status, answer.json["field"]) == (400, field)


def test_the_log_tells_who_and_what_but_no_token(api: Api, written: Written) -> None:
    token = token04(payload="very private")
    written()

    api(inspect_event(token))

    text = written()
    assert '"findings":["payload-not-json","expired"]' in text
    assert '"message":"token inspected"' in text
    assert token[10:40] not in text
    assert "private" not in text
    assert SECRET not in text
