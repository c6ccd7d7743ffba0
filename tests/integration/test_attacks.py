"""A user who wants more than it may have, over every trigger that can carry a user."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories import APP_ID, SECRET, TRIGGERS, as_user, token_event
from tests.independent import open_token
from tests.integration.conftest import Api

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

USER_TRIGGERS = [trigger for trigger in TRIGGERS if trigger != "function_url"]  # that one knows IAM alone
ALICE = {"sub": "alice"}
ON_STAGE = {"sub": "alice", "scope": "zego:publish"}
ROOM = {"room_id": "demo"}


def by(
    claims: dict[str, Any], trigger: str, fields: dict[str, Any] | None = None, body: str | None = None
) -> Any:
    return as_user(token_event(trigger, fields, body=body), claims)


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
def test_a_user_gets_a_token_for_itself(api: Api, trigger: str) -> None:
    answer = api(by(ALICE, trigger, ROOM))

    content = open_token(answer.json["token"], SECRET).content
    assert (content["user_id"], json.loads(content["payload"])["privilege"]) == ("alice", {"1": 1, "2": 0})


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
@pytest.mark.parametrize(
    ("claims", "fields", "rule", "field"),
    [
        (ALICE, {**ROOM, "user_id": "bob"}, "own-user", "user_id"),
        (ALICE, {**ROOM, "user_id": "ALICE"}, "own-user", "user_id"),
        (ALICE, {**ROOM, "user_id": "alic"}, "own-user", "user_id"),
        (ALICE, {**ROOM, "privilege": {"1": 1, "2": 1}}, "publish-scope", "privilege"),
        (
            ALICE,
            {**ROOM, "privilege": {"canLoginRoom": True, "canPublishStream": True}},
            "publish-scope",
            "privilege",
        ),
        (
            ALICE,
            {**ROOM, "version": "03", "privilege": {"login": True, "publish": True}},
            "publish-scope",
            "privilege",
        ),
        (ON_STAGE, {}, "one-room", "room_id"),
        (ON_STAGE, {"product": "uikit"}, "one-room", "room_id"),
        (ON_STAGE, {"payload": ""}, "no-raw-payload", "payload"),
        (ON_STAGE, {"payload": '{"room_id":"demo","privilege":{"1":1,"2":1}}'}, "no-raw-payload", "payload"),
        (
            ALICE,
            {**ROOM, "effective_time_in_seconds": 2**31},
            "longest-validity",
            "effective_time_in_seconds",
        ),
    ],
)
def test_more_than_it_may_have_is_refused(
    api: Api, trigger: str, claims: dict[str, Any], fields: dict[str, Any], rule: str, field: str
) -> None:
    answer = api(by(claims, trigger, fields))

    assert (answer.status, answer.json["rule"], answer.json["field"]) == (403, rule, field)
    assert "token" not in answer.json


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
@pytest.mark.parametrize(
    "body",
    [
        '{"user_id":"alice","userID":"bob","room_id":"demo"}',
        '{"userId":"bob","user_id":"alice","room_id":"demo"}',
        '{"user_id":"alice","user_id":"bob","room_id":"demo"}',
        '{"user_id":"alice","room_id":"demo","privilege":{"1":1,"2":0,"2":1}}',
        '{"user_id":"alice","room_id":"demo","privilege":{"1":1,"2":0,"publish":true}}',
        '{"user_id":"alice","room_id":"demo","payload":"{}"}',
        '{"user_id":"alice","room_id":"demo","requestContext":{"authorizer":{}}}',
        '{"user_id":"alice","room_id":"demo","scope":"zego:publish"}',
        '{"user_id":"alice","room_id":["demo"]}',
        '{"user_id":["alice"],"room_id":"demo"}',
    ],
)
def test_spelling_it_in_another_way_does_not_help(api: Api, trigger: str, body: str) -> None:
    assert api(by(ALICE, trigger, body=body)).status == 400


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
@pytest.mark.parametrize("claims", [{}, {"sub": ""}, {"sub": None}, {"sub": ["alice"]}, {"sub": {"a": 1}}])
def test_a_claim_that_names_nobody_is_nobody(api: Api, trigger: str, claims: dict[str, Any]) -> None:
    assert api(by(claims, trigger, ROOM)).status == 401


@pytest.mark.parametrize(
    "ttl", ["-1", "0", "9223372036854775808", "1e300", "NaN", '"3600"', "true", "null", "1.5"]
)
def test_no_validity_is_stretched(api: Api, ttl: str) -> None:
    body = f'{{"user_id":"alice","room_id":"demo","effective_time_in_seconds":{ttl}}}'

    answer = api(by(ALICE, "http_api", body=body))

    assert answer.status == 400


@pytest.mark.parametrize("app_id", [APP_ID + 1, 1, 4294967295])
def test_another_tenants_app_is_as_unknown_as_one_that_is_not(
    api: Api, secrets_manager: "SecretsManagerClient", app_id: int
) -> None:
    secrets_manager.create_secret(Name=f"zego/{app_id}", SecretString=SECRET)
    assert api(token_event(fields={"app_id": app_id})).status == 200  # a service may have it

    answers = [api(by(ALICE, "http_api", {**ROOM, "app_id": wanted})) for wanted in (app_id, 7)]

    assert [answer.status for answer in answers] == [404, 404]
    one, other = ({**answer.json, "instance": None} for answer in answers)
    assert one == other


@pytest.mark.parametrize(("character", "size"), [("é", 2), ("房", 3), ("😀", 4)])
@pytest.mark.parametrize(("product", "most"), [("rtc", 63), ("uikit", 63), ("zim", 32)])
def test_ids_are_measured_in_bytes(api: Api, character: str, size: int, product: str, most: int) -> None:
    room = {} if product == "zim" else ROOM
    for count, status in ((most // size, 200), (most // size + 1, 400)):
        user_id = character * count

        answer = api(by({"sub": user_id}, "http_api", {**room, "user_id": user_id, "product": product}))

        assert answer.status == status
        if status == 400:
            assert (answer.json["field"], str(most) in answer.json["detail"]) == ("user_id", True)


def test_two_users_in_one_warm_process_share_nothing(api: Api) -> None:
    for _ in range(3):
        speaker = api(by(ON_STAGE, "http_api", {**ROOM, "privilege": {"login": True, "publish": True}}))
        listener = api(by({"sub": "bob"}, "rest_api", {**ROOM, "user_id": "bob"}))
        greedy = api(
            by({"sub": "bob"}, "rest_api", {**ROOM, "user_id": "bob", "privilege": {"1": 1, "2": 1}})
        )

        assert (speaker.json["user_id"], speaker.json["privilege"]["publish"]) == ("alice", True)
        assert (listener.json["user_id"], listener.json["privilege"]["publish"]) == ("bob", False)
        assert greedy.status == 403
