"""An item of a batch is answered as the single route answers the defaults with the item's fields over them."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.api import Api, create_api, handler_over
from tests.batch_requests import batch_event
from tests.clocks import FakeClock
from tests.factories import APP_ID, OPEN_SETTINGS, SECRET, as_user, token_event
from tests.independent import open_token

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

NAMES = {"userID": "user_id", "roomId": "room_id", "stream_id_list": "stream_ids"}
VALUES: dict[str, list[object]] = {
    "app_id": [APP_ID, 7, 0, str(APP_ID)],
    "user_id": ["alice", "bob", "", "a b", 5, "x" * 64, None],
    "userID": ["alice", "carol"],
    "version": ["03", "04", "05"],
    "effective_time_in_seconds": [60, 59, 3600, 3600.0, 86_401, "60", 2**70],
    "room_id": ["demo", "other", "revoked", "", "ü", None],
    "roomId": ["demo", "lobby"],
    "privilege": [
        {"login": True, "publish": False},
        {"1": 1, "2": 1},
        {"1": 1},
        {"canLoginRoom": True, "canPublishStream": True},
        None,
    ],
    "stream_ids": [["s1"], "uikit", [], None, ["a b"]],
    "stream_id_list": [["s2"]],
    "product": ["rtc", "zim", "uikit", "RTC"],
    "payload": ["", "{}", 5],
    "user_name": ["Ann", "Z\u00e9 \U0001f600", ""],
    "room": ["demo"],
    "items": [[]],
}
USUAL = ("user_id", "room_id", "privilege")
FIELDS = st.dictionaries(
    st.sampled_from(USUAL) | st.sampled_from(sorted(VALUES)), st.none(), max_size=4
).flatmap(lambda names: st.fixed_dictionaries({name: st.sampled_from(VALUES[name]) for name in names}))
CALLERS = st.sampled_from([None, {"sub": "alice"}, {"sub": "alice", "scope": "zego:publish"}, {"sub": "a b"}])


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Api, Api]]:
    """The same API in two processes at the same instant, with a revoked room."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        secrets: SecretsManagerClient = boto3.client("secretsmanager")
        secrets.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
        create_api(secrets, OPEN_SETTINGS)
        clock, dynamodb = FakeClock(), boto3.client("dynamodb")
        one, other = (Api(handler_over(secrets, OPEN_SETTINGS, dynamodb, clock)) for _ in range(2))
        until = int(clock.instant.wall) + 3600
        revoke = {**token_event(), "rawPath": "/v1/revocations", "routeKey": "POST /v1/revocations"}
        assert one({**revoke, "body": json.dumps({"room_id": "revoked", "until": until})}).status == 201
        yield one, other


def merged(defaults: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """The item over the defaults, in the order of `{**defaults, **item}`, whichever names the fields have."""
    own = {NAMES.get(name, name): name for name in reversed(item)}
    names = [own.get(NAMES.get(name, name), name) for name in defaults]
    return {name: item[name] if name in item else defaults[name] for name in (*names, *item)}


def comparable(status: int, members: dict[str, Any], retry_after: str | None) -> tuple[object, ...]:
    """An answer without what differs each time, and with what is in its token."""
    if status != 200:
        assert {"instance", "type", "title", "detail"} <= members.keys()
        return status, {**members, "instance": None}, retry_after
    token = open_token(members["token"], SECRET)
    inside = {name: value for name, value in token.content.items() if name != "nonce"}
    kit = members.get("kit_token", "#").partition("#")[2]
    return status, {**members, "token": inside, "kit_token": kit, "status": None}, None


# Each example is up to six requests.
@settings(max_examples=settings().max_examples // 3)
@given(
    items=st.lists(FIELDS, min_size=1, max_size=5),
    defaults=FIELDS.map(
        lambda fields: {name: fields[name] for name in fields if name not in ("items", "room")}
    ),
    claims=CALLERS,
)
def test_an_item_is_answered_as_if_it_were_asked_for_alone(
    both: tuple[Api, Api],
    items: list[dict[str, Any]],
    defaults: dict[str, Any],
    claims: dict[str, Any] | None,
) -> None:
    one, other = both
    if {"user_id", "userID"} <= defaults.keys() or {"room_id", "roomId"} <= defaults.keys():
        defaults = {}  # two names of one field make the batch malformed
    if {"stream_ids", "stream_id_list"} <= defaults.keys():
        defaults = {}

    # when
    answer = one(batch_event(items, defaults, claims=claims))
    alone = []
    for item in items:
        asked = token_event(body=json.dumps(merged(defaults, item)))
        alone.append(other(asked if claims is None else as_user(asked, claims)))

    # then
    assert answer.status == 200
    found = []
    for result in answer.json["results"]:
        event(str(result["status"]))
        retry_after = str(result["retry_after"]) if "retry_after" in result else None
        found.append(comparable(result["status"], result.get("problem", result), retry_after))
    assert found == [comparable(each.status, each.json, each.headers.get("retry-after")) for each in alone]
