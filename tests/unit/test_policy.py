"""Who may get what: each rule."""

import json
from dataclasses import FrozenInstanceError, replace

import pytest

from tests.policy_requests import ALICE, ALICE_ON_STAGE, BACKEND, LISTEN, SETTINGS, SPEAK, request
from zego_service.callers import ISSUE, PUBLISH, REVOKE, Caller
from zego_service.errors import InvalidRequestError, NotEntitledError, UnknownAppError
from zego_service.issuing.policy import (
    Refusal,
    TokenToMint,
    check_longest_validity,
    check_own_user,
    decide,
    may_revoke,
)
from zego_service.issuing.requests import RoomPrivilege, TokenRequest
from zego_service.settings import Settings
from zego_token import Cipher, room_payload


def granted(caller: Caller, asked: TokenRequest, settings: Settings = SETTINGS) -> TokenToMint:
    decision = decide(caller, asked, settings)
    assert isinstance(decision, TokenToMint)
    return decision


def test_a_service_may_name_any_user_and_leave_the_room_open() -> None:
    token = granted(BACKEND, request(user_id="bob"))

    assert (token.user_id, token.room_id, token.privilege) == ("bob", None, None)
    assert token.effective_time_in_seconds == 3600


def test_a_user_gets_what_it_asks_for_itself() -> None:
    token = granted(ALICE, request(room_id="demo"))

    assert (token.room_id, token.privilege) == ("demo", LISTEN)
    assert granted(ALICE_ON_STAGE, request(room_id="demo", privilege=SPEAK)).privilege == SPEAK
    chat = replace(SETTINGS, user_zim_tokens=True)
    assert granted(ALICE, request(product="zim"), chat).room_id is None


@pytest.mark.parametrize(
    ("caller", "asked", "rule", "field"),
    [
        (ALICE, request(user_id="bob", room_id="demo"), "own-user", "user_id"),
        (ALICE, request(user_id="Alice", room_id="demo"), "own-user", "user_id"),
        (ALICE, request(user_id="bob", product="zim"), "own-user", "user_id"),
        (ALICE_ON_STAGE, request(), "one-room", "room_id"),
        (ALICE_ON_STAGE, request(product="uikit"), "one-room", "room_id"),
        (ALICE_ON_STAGE, request(payload=json.dumps({"room_id": "demo"})), "no-raw-payload", "payload"),
        (ALICE_ON_STAGE, request(payload=""), "no-raw-payload", "payload"),
        (ALICE, request(room_id="demo", privilege=SPEAK), "publish-scope", "privilege"),
        (ALICE, request(room_id="demo", privilege=SPEAK, version="03"), "publish-scope", "privilege"),
        (
            replace(BACKEND, scopes=frozenset({ISSUE})),
            request(user_id="bob", room_id="demo", privilege=SPEAK),
            "publish-scope",
            "privilege",
        ),
        (replace(BACKEND, scopes=frozenset({ISSUE})), request(user_id="bob"), "publish-scope", "room_id"),
        (replace(BACKEND, scopes=frozenset({ISSUE})), request(payload=""), "publish-scope", "room_id"),
        (
            ALICE,
            request(room_id="demo", effective_time_in_seconds=86_401),
            "longest-validity",
            "effective_time_in_seconds",
        ),
        (BACKEND, request(effective_time_in_seconds=86_401), "longest-validity", "effective_time_in_seconds"),
    ],
)
def test_each_rule_refuses_and_names_itself(
    caller: Caller, asked: TokenRequest, rule: str, field: str
) -> None:
    decision = decide(caller, asked, SETTINGS)

    assert isinstance(decision, Refusal)
    assert (decision.rule, decision.field) == (rule, field)
    assert decision.detail


def test_the_longest_validity_itself_is_granted() -> None:
    assert granted(BACKEND, request(effective_time_in_seconds=86_400)).effective_time_in_seconds == 86_400


def test_the_default_validity_stays_within_the_longest() -> None:
    settings = replace(SETTINGS, max_ttl_seconds=60)

    assert granted(BACKEND, request(), settings).effective_time_in_seconds == 60


def test_a_token03_is_always_cbc_and_a_token04_as_deployed() -> None:
    cbc = replace(SETTINGS, token_cipher=Cipher.CBC)

    assert granted(BACKEND, request()).cipher is Cipher.GCM
    assert granted(BACKEND, request(), cbc).cipher is Cipher.CBC
    assert granted(BACKEND, request(version="03", room_id="demo")).cipher is Cipher.CBC


def test_a_deployment_keeps_zim_from_users_unless_told_otherwise() -> None:
    refused = decide(ALICE, request(product="zim"), SETTINGS)

    assert isinstance(refused, Refusal)
    assert refused.rule == "zim-for-users"
    assert granted(BACKEND, request(product="zim"))
    assert granted(ALICE, request(product="zim"), replace(SETTINGS, user_zim_tokens=True))


@pytest.mark.parametrize("other", [1, 3])
def test_a_users_app_is_that_of_the_deployment(other: int) -> None:
    settings = replace(SETTINGS, default_app_id=2)

    with pytest.raises(UnknownAppError):
        decide(ALICE, request(app_id=other, room_id="demo"), settings)

    assert granted(BACKEND, request(app_id=other), settings).app_id == other


def test_a_user_and_its_app_are_known_by_value() -> None:
    # given: equal to what the token and the environment say, but read from JSON
    fields = json.loads('{"user_id": "alice", "app_id": 1234567890, "room_id": "demo"}')

    token = granted(ALICE, request(**fields), replace(SETTINGS, default_app_id=int("1234567890")))

    assert (token.user_id, token.app_id) == ("alice", 1234567890)


def test_an_app_must_be_named_by_somebody() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        decide(BACKEND, request(), replace(SETTINGS, default_app_id=None))

    assert refused.value.field == "app_id"


@pytest.mark.parametrize(
    ("asked", "room", "publishes"),
    [
        (request(), None, True),
        (request(payload=""), None, True),
        (request(payload=room_payload("demo", publish=True)), "demo", True),
        (request(payload=room_payload("demo")), "demo", False),
        (request(room_id="demo"), "demo", False),
        (request(room_id="demo", privilege=SPEAK), "demo", True),
        (request(room_id="demo", privilege=RoomPrivilege(login=False, publish=False)), "demo", False),
        (request(product="uikit"), None, True),
        (request(product="zim"), None, False),
    ],
)
def test_a_token_opens_its_room_or_any_and_may_publish_unless_its_room_forbids(
    asked: TokenRequest, room: str | None, publishes: bool
) -> None:
    token = granted(BACKEND, asked)

    assert (token.room_id, token.may_publish) == (room, publishes)


@pytest.mark.parametrize(
    ("caller", "may"),
    [
        (replace(BACKEND, scopes=frozenset({ISSUE})), True),
        (replace(ALICE, scopes=frozenset({REVOKE})), True),
        (replace(ALICE, scopes=frozenset({ISSUE, PUBLISH, "openid"})), False),
        (ALICE, False),
    ],
)
def test_services_and_those_with_the_scope_may_revoke(caller: Caller, may: bool) -> None:
    assert may_revoke(caller) is may


def test_a_user_asks_about_itself_and_a_service_about_anybody() -> None:
    check_own_user(ALICE, "".join(["ali", "ce"]))  # another object, and the same user
    check_own_user(BACKEND, "alice")
    for other in ("bob", "Alice", "alicf", "alicd"):
        with pytest.raises(NotEntitledError) as refused:
            check_own_user(ALICE, other)
        assert (refused.value.rule, refused.value.field) == ("own-user", "user_id")


def test_no_token_is_valid_for_longer_than_the_deployment_allows() -> None:
    for seconds in (1, 86_399, 86_400):
        check_longest_validity(seconds, SETTINGS)
    with pytest.raises(NotEntitledError, match="86400") as refused:
        check_longest_validity(86_401, SETTINGS)
    assert (refused.value.rule, refused.value.field) == ("longest-validity", "effective_time_in_seconds")


def test_what_was_decided_stays_as_it_is_and_shows_no_payload() -> None:
    token = granted(BACKEND, request(payload=room_payload("demo")))
    refused = decide(ALICE, request(user_id="bob"), SETTINGS)

    with pytest.raises(FrozenInstanceError):
        token.user_id = "mallory"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        refused.field = "x"  # type: ignore[misc, union-attr]
    assert "stream_id_list" not in repr(token)
