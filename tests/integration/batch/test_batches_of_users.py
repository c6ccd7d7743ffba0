"""A user gets nothing by a batch that it would not get one by one, and nothing for free."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.api import Api, create_api, handler_over
from tests.batch_requests import batch_event, statuses
from tests.clocks import FakeClock
from tests.factories import APP_ID, OPEN_SETTINGS, SECRET, as_user, token_event
from tests.integration.batch.test_batch import Counting

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ALICE = {"sub": "alice"}
ROOM = {"room_id": "demo"}
GREEDY = {**ROOM, "privilege": {"login": True, "publish": True}}
LIMITED = replace(OPEN_SETTINGS, user_tokens_per_minute=3)


@pytest.fixture
def clock() -> FakeClock:
    clock = FakeClock()
    clock.run(15)
    return clock


@pytest.fixture
def table(secrets_manager: "SecretsManagerClient") -> Counting:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    create_api(secrets_manager, OPEN_SETTINGS)  # which makes the table
    return Counting(boto3.client("dynamodb"))


@pytest.fixture
def limited(secrets_manager: "SecretsManagerClient", table: Counting, clock: FakeClock) -> Api:
    """An API that grants users three tokens a minute."""
    return Api(handler_over(secrets_manager, LIMITED, table, clock))  # type: ignore[arg-type]


def of_alice(*items: dict[str, Any], **defaults: object) -> dict[str, Any]:
    return batch_event(items, defaults, claims=ALICE)


def test_a_user_gets_tokens_for_itself_only(api: Api) -> None:
    results = api(of_alice({}, {"user_id": "bob"}, {"user_id": "alice"}, {"payload": ""}, **ROOM)).json[
        "results"
    ]

    assert statuses(results) == [200, 403, 200, 400]
    assert [result.get("user_id") for result in results] == ["alice", None, "alice", None]
    assert results[1]["problem"]["rule"] == "own-user"


def test_the_quota_is_counted_by_one_call_and_the_last_ones_are_refused(
    limited: Api, table: Counting
) -> None:
    results = limited(of_alice({}, {"user_id": "bob"}, {}, {}, {}, {}, **ROOM)).json["results"]

    assert statuses(results) == [200, 403, 200, 200, 429, 429]
    assert results[-1]["retry_after"] == 45
    assert table.calls.count("update_item") == 1
    assert limited(as_user(token_event(fields=ROOM), ALICE)).status == 429


def test_what_is_left_of_the_quota_is_used(
    limited: Api, table: Counting, secrets_manager: "SecretsManagerClient", clock: FakeClock
) -> None:
    # given: another process gave one already
    elsewhere = Api(handler_over(secrets_manager, LIMITED, table, clock))  # type: ignore[arg-type]
    assert elsewhere(as_user(token_event(fields=ROOM), ALICE)).status == 200

    results = limited(of_alice({}, {}, {}, **ROOM)).json["results"]

    assert statuses(results) == [200, 200, 429]
    assert elsewhere(as_user(token_event(fields=ROOM), ALICE)).status == 429


def test_what_is_refused_anyway_costs_nothing(limited: Api) -> None:
    assert statuses(limited(of_alice(*[GREEDY] * 10)).json["results"]) == [403] * 10
    assert statuses(limited(of_alice(*[GREEDY] * 10, ROOM)).json["results"]) == [403] * 10 + [200]


def test_a_room_is_looked_up_once(limited: Api, table: Counting) -> None:
    limited(of_alice(*[ROOM] * 3))

    assert table.calls.count("get_item") == 1


def test_guessing_rooms_uses_up_the_quota(
    secrets_manager: "SecretsManagerClient", table: Counting, clock: FakeClock
) -> None:
    # given: users enter rooms by grants alone, and alice has none
    settings = replace(LIMITED, user_rooms="granted")
    api = Api(handler_over(secrets_manager, settings, table, clock))  # type: ignore[arg-type]
    guesses = [{"room_id": f"room-{number}"} for number in range(50)]

    first = api(of_alice(*guesses)).json["results"]
    reads = len(table.calls)
    second = api(of_alice(*guesses)).json["results"]

    assert statuses(first) == [403] * 3 + [429] * 47
    assert statuses(second) == [429] * 50
    assert reads <= 3 * 2 + 1
    assert len(table.calls) == reads


def test_services_have_no_quota(limited: Api, table: Counting) -> None:
    results = limited(batch_event([{"user_id": "alice"}] * 20, ROOM)).json["results"]

    assert statuses(results) == [200] * 20
    assert "update_item" not in table.calls
