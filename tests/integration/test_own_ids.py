"""Users ask for themselves, whatever their issuer calls them."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.api import Api, create_api
from tests.factories import APP_ID, OPEN_SETTINGS, ROOT, SECRET, USER_TRIGGERS, as_user, token_event
from tests.independent import open_token
from tests.room_requests import entry, refused, request
from zego_service.callers import digest_of

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ROOM = {"room_id": "demo"}
AUTH0, POOL = "auth0|5f7c8ec7c33c6c004bbafe82", "eu-central-1:11111111-2222-3333-4444-555555555555"


def own(claim: str, trigger: str = "http_api", **fields: Any) -> dict[str, Any]:
    """A request that names no user, from the user of a claim."""
    event = token_event(trigger, {**ROOM, **fields})
    return as_user(without_user_id(event, {**ROOM, **fields}), {"sub": claim})


def without_user_id(event: dict[str, Any], fields: Mapping[str, object]) -> dict[str, Any]:
    return event | {"body": json.dumps(fields)}


@pytest.fixture
def by_digest(secrets_manager: "SecretsManagerClient") -> Api:
    """A deployment whose users have the digests of their claims as ids."""
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    settings = replace(OPEN_SETTINGS, user_id_form="digest")
    return create_api(secrets_manager, settings)


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
def test_a_user_need_not_name_itself(api: Api, trigger: str) -> None:
    assert open_token(api(own("alice", trigger)).json["token"], SECRET).content["user_id"] == "alice"


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
@pytest.mark.parametrize("body", [None, "", "{}"])
def test_without_a_body_a_user_is_told_to_name_a_room_and_a_service_a_user(
    api: Api, trigger: str, body: str | None
) -> None:
    event = token_event(trigger) | {"body": body}

    refused(api(as_user(event, {"sub": "alice"})), 403, "one-room", "room_id")
    assert api(event).status == 400


def test_a_service_must_name_a_user(api: Api) -> None:
    refused(api(without_user_id(token_event(), {**ROOM})), 400, field="user_id")


@pytest.mark.parametrize("fields", [{"user_id": None}, {"user_id": ""}, {"user_id": 5}])
def test_a_name_that_is_given_must_be_one(api: Api, fields: dict[str, Any]) -> None:
    refused(api(own("alice", "http_api", **fields)), 400, field="user_id")


@pytest.mark.parametrize(
    ("claim", "product"), [("\ud800", "rtc"), ("x" * 64, "rtc"), ("x" * 36, "zim"), (" x", "uikit")]
)
def test_an_id_that_zego_cannot_take_names_the_setting(api: Api, claim: str, product: str) -> None:
    fields = {"product": product} | ({} if product == "zim" else ROOM)
    event = as_user(without_user_id(token_event(), fields), {"sub": claim})
    named = as_user(without_user_id(token_event(), {**fields, "user_id": claim}), {"sub": claim})

    for asked in (event, named):
        answer = refused(api(asked), 403, "user-id-form", "user_id")
        assert "ZEGO_USER_ID_FORM" in answer.json["detail"]
        assert "xxxx" not in answer.json["detail"]


def test_the_room_route_says_so_too(api: Api) -> None:
    refused(api(as_user(request("POST", "/v1/rooms/{room_id}/tokens", room_id="demo"), {"sub": "x" * 64})),
            403, "user-id-form", "user_id")  # fmt: skip


@pytest.mark.parametrize(
    "claim", [AUTH0, "google-oauth2|103547991597142817347", POOL, "x" * 200, "é\u202e", "alice"]
)
@pytest.mark.parametrize("product", ["rtc", "uikit", "zim"])
def test_a_digest_is_an_id_for_every_product(by_digest: Api, claim: str, product: str) -> None:
    digest = hashlib.sha256(claim.encode()).hexdigest()[:32]
    fields = {"product": product} | ({} if product == "zim" else ROOM)

    unnamed = by_digest(as_user(without_user_id(token_event(), fields), {"sub": claim}))
    named = by_digest(as_user(token_event(fields={**fields, "user_id": digest}), {"sub": claim}))

    assert unnamed.json["user_id"] == named.json["user_id"] == digest
    by_claim = by_digest(
        as_user(without_user_id(token_event(), {**fields, "user_id": claim}), {"sub": claim})
    )
    assert by_claim.status in (400, 403)
    assert by_claim.json["field"] == "user_id"


def test_revocations_carry_the_digest(by_digest: Api) -> None:
    digest = hashlib.sha256(AUTH0.encode()).hexdigest()[:32]
    until = by_digest(token_event(fields=ROOM)).json["issued_at"] + 3600
    by_digest(request("POST", "/v1/revocations", body={"user_id": digest, "until": until}))

    refused(by_digest(own(AUTH0)), 403, "revoked", "user_id")
    refused(by_digest(as_user(entry(user_id=digest), {"sub": AUTH0})), 403, "no-grant", "room_id")


def test_the_line_for_booking_systems_computes_the_same_id() -> None:
    page = (ROOT / "docs/security.md").read_text()
    (expression,) = re.findall(r"^user_id = (hashlib\..+)$", page, re.MULTILINE)

    digest = eval(expression, {"hashlib": hashlib, "claim": AUTH0})  # noqa: S307, a line of our own

    assert digest == digest_of(AUTH0)
