"""A user who wants more than it may have, over every trigger that can carry a user."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.api import Api
from tests.factories import APP_ID, OTHER_SECRET, SECRET, USER_TRIGGERS, as_user, token_event, without_caller
from tests.independent import open_token

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

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
def test_forged_identities_change_nothing(api: Api, trigger: str) -> None:
    # given: bob's name wherever a client can write
    names = ("authorization", "x-user-id", "x-forwarded-user", "x-amzn-oidc-identity", "x-amzn-oidc-data",
             "x-amzn-remapped-authorization", "user_id", "sub", "principalId")  # fmt: skip
    forged = dict.fromkeys(names, "bob")
    lists = {name: [value] for name, value in forged.items()}

    def with_forgeries(event: dict[str, Any]) -> Any:
        return event | {
            "headers": {**event["headers"], **forged},
            "multiValueHeaders": lists,
            "queryStringParameters": forged,
            "multiValueQueryStringParameters": lists,
            "rawQueryString": urlencode(forged),
            "cookies": [f"{name}=bob" for name in forged],
            "identitySource": ["bob"],
        }

    # when
    nobody = api(with_forgeries(without_caller(token_event(trigger, {**ROOM, "user_id": "bob"}))))
    alice = api(with_forgeries(by(ALICE, trigger, ROOM)))
    as_bob = api(with_forgeries(by(ALICE, trigger, {**ROOM, "user_id": "bob"})))

    # then
    assert nobody.status == 401
    assert open_token(alice.json["token"], SECRET).content["user_id"] == "alice"
    assert (as_bob.status, as_bob.json["rule"]) == (403, "own-user")


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
@pytest.mark.parametrize(
    ("claims", "fields", "rule", "field"),
    [
        (ALICE, {**ROOM, "user_id": "bob"}, "own-user", "user_id"),
        (ALICE, {**ROOM, "user_id": "ALICE"}, "own-user", "user_id"),
        (ALICE, {**ROOM, "user_id": "alic"}, "own-user", "user_id"),
        (ALICE, {"user_id": "bob", "product": "zim"}, "own-user", "user_id"),
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
    ("body", "field"),
    [
        ('{"userID":"bob","room_id":"demo"}', "user_id"),
        ('{"userId":"bob","room_id":"demo"}', "user_id"),
        ('{"user_id":"alice","roomID":"demo","privilege":{"canLoginRoom":true,"canPublishStream":true}}',
         "privilege"),
        ('{"user_id":"alice","roomId":"demo","effectiveTimeInSeconds":86401}', "effective_time_in_seconds"),
        ('{"user_id":"alice","payload":"{\\"room_id\\":\\"demo\\"}"}', "payload"),
    ],
)  # fmt: skip
def test_an_alias_asks_for_no_less(api: Api, trigger: str, body: str, field: str) -> None:
    answer = api(by(ALICE, trigger, body=body))

    assert (answer.status, answer.json["field"]) == (403, field)


@pytest.mark.parametrize(
    "body",
    [
        '{"user_id":"alice","userID":"bob","room_id":"demo"}',
        '{"userId":"bob","user_id":"alice","room_id":"demo"}',
        '{"user_id":"alice","user_id":"bob","room_id":"demo"}',
        '{"user_id":"alice","user\\u005fid":"bob","room_id":"demo"}',
        '{"User_ID":"bob","user_id":"alice","room_id":"demo"}',
        '{"user_id":"alice","room_id":"demo","roomId":"other"}',
        '{"user_id":"alice","room_id":"demo","app_id":1234567890,"appID":5}',
        '{"user_id":"alice","room_id":"demo","effective_time_in_seconds":60,"effectiveTimeInSeconds":90000}',
        '{"user_id":"alice","room_id":"demo","privilege":{"1":1,"2":0,"2":1}}',
        '{"user_id":"alice","room_id":"demo","privilege":{"1":1,"2":0},"privilege":{"1":1,"2":1}}',
        '{"user_id":"alice","room_id":"demo","privilege":{"1":1,"2":0,"publish":true}}',
        '{"user_id":"alice","room_id":"demo","privilege":{"privilege":{"1":1,"2":1}}}',
        '{"user_id":"alice","room_id":"demo","stream_ids":["s1"],"stream_id_list":null}',
        '{"user_id":"alice","room_id":"demo","payload":"{}"}',
        '{"user_id":"alice","payload":{"room_id":"demo","privilege":{"1":1,"2":1}}}',
        '{"user_id":"alice","payload":{"user_id":"bob"}}',
        '{"user_id":"alice","room_id":"demo","requestContext":{"authorizer":{}}}',
        '{"user_id":"alice","room_id":"demo","scope":"zego:publish"}',
        '{"user_id":"alice","room_id":["demo"]}',
        '{"user_id":"alice","room_id":{"room_id":"demo"}}',
        '{"user_id":["alice"],"room_id":"demo"}',
        '{"user_id":{"user_id":"alice"},"room_id":"demo"}',
        '[{"user_id":"alice","room_id":"demo"}]',
    ],
)
def test_spelling_it_in_another_way_does_not_help(api: Api, body: str) -> None:
    answers = [api(by(ALICE, trigger, body=body)) for trigger in USER_TRIGGERS]

    assert {answer.status for answer in answers} == {400}


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
@pytest.mark.parametrize("claims", [{}, {"sub": ""}, {"sub": None}, {"sub": ["alice"]}, {"sub": {"a": 1}}])
def test_a_claim_that_names_nobody_is_nobody(api: Api, trigger: str, claims: dict[str, Any]) -> None:
    assert api(by(claims, trigger, ROOM)).status == 401


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
@pytest.mark.parametrize(
    ("ttl", "status", "field"),
    [
        ("-1", 400, "effective_time_in_seconds"),
        ("0", 400, "effective_time_in_seconds"),
        ("1", 400, "effective_time_in_seconds"),
        ("59", 400, "effective_time_in_seconds"),
        ("60", 200, None),
        ("86400", 200, None),
        ("86401", 403, "effective_time_in_seconds"),
        ("2147483648", 403, "effective_time_in_seconds"),
        ("9223372036854775808", 400, "effective_time_in_seconds"),
        ("1e300", 400, "effective_time_in_seconds"),
        ("1.5", 400, "effective_time_in_seconds"),
        ("NaN", 400, "body"),
        ('"3600"', 400, "effective_time_in_seconds"),
        ("true", 400, "effective_time_in_seconds"),
        ("null", 400, "effective_time_in_seconds"),
    ],
)
def test_no_validity_is_stretched(api: Api, trigger: str, ttl: str, status: int, field: str | None) -> None:
    body = f'{{"user_id":"alice","room_id":"demo","effective_time_in_seconds":{ttl}}}'

    for event in (token_event(trigger, body=body), by(ALICE, trigger, body=body)):
        answer = api(event)

        assert (answer.status, answer.json.get("field")) == (status, field)
        if status == 200:
            content = open_token(answer.json["token"], SECRET).content
            assert content["expire"] - content["ctime"] == int(ttl)


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
@pytest.mark.parametrize(
    ("app_id", "of_a_service", "of_a_user"),
    [(-1, 400, 400), (0, 400, 400), (1, 200, 404), (2**32 - 1, 200, 404), (2**32, 400, 400)],
)
def test_app_ids_have_two_ends(
    api: Api,
    secrets_manager: "SecretsManagerClient",
    trigger: str,
    app_id: int,
    of_a_service: int,
    of_a_user: int,
) -> None:
    secrets_manager.create_secret(Name=f"zego/{app_id}", SecretString=OTHER_SECRET)
    fields = {**ROOM, "app_id": app_id}

    service, user = api(token_event(trigger, fields)), api(by(ALICE, trigger, fields))

    assert (service.status, user.status) == (of_a_service, of_a_user)
    assert user.json["field"] == "app_id"
    if service.status == 200:
        assert open_token(service.json["token"], OTHER_SECRET).content["app_id"] == app_id
    else:
        assert service.json["field"] == "app_id"


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
@pytest.mark.parametrize("app_id", [APP_ID + 1, 1, 4294967295])
def test_another_tenants_app_is_as_unknown_as_one_that_is_not(
    api: Api, secrets_manager: "SecretsManagerClient", trigger: str, app_id: int
) -> None:
    secrets_manager.create_secret(Name=f"zego/{app_id}", SecretString=SECRET)
    assert api(token_event(trigger, {"app_id": app_id})).status == 200  # a service may have it

    theirs, absent = (api(by(ALICE, trigger, {**ROOM, "app_id": wanted})) for wanted in (app_id, 7))

    assert theirs.status == 404
    assert (theirs.status, theirs.headers, theirs.text) == (absent.status, absent.headers, absent.text)


def of_size(character: str, size: int) -> str:
    """Text of so many bytes, and of as many of the character as fit."""
    count, rest = divmod(size, len(character.encode()))
    return character * count + "x" * rest


@pytest.mark.parametrize(
    ("product", "character", "size", "status"),
    [
        *(
            (product, "x", size, status)
            for product in ("rtc", "uikit")
            for size, status in ((63, 200), (64, 403))
        ),
        *(
            ("zim", character, size, status)
            for character in "é房😀"
            for size, status in ((32, 200), (33, 403))
        ),
    ],
)
def test_ids_are_measured_in_bytes(api: Api, product: str, character: str, size: int, status: int) -> None:
    user_id = of_size(character, size)
    fields = {"user_id": user_id, "product": product} | ({} if product == "zim" else ROOM)

    for trigger in USER_TRIGGERS:
        answer = api(by({"sub": user_id}, trigger, fields))

        assert (answer.status, answer.json.get("field")) == (status, None if status == 200 else "user_id")
        if status == 200:
            assert open_token(answer.json["token"], SECRET).content["user_id"] == user_id


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
def test_rooms_are_measured(api: Api, trigger: str) -> None:
    rooms = ["x" * size for size in (127, 128)]

    assert [api(by(ALICE, trigger, {"room_id": room})).status for room in rooms] == [200, 400]
