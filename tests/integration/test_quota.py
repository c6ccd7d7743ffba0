"""A user's tokens are counted by the minute; services have no quota; the table may be away."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from local.aws import create_table
from tests.api import Api, handler_over
from tests.clocks import FakeClock
from tests.factories import APP_ID, OPEN_SETTINGS, SECRET, as_user, token_event
from tests.output import Written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

SETTINGS = replace(OPEN_SETTINGS, user_tokens_per_minute=3)
ROOM = {"room_id": "demo"}


@pytest.fixture
def clock() -> FakeClock:
    clock = FakeClock()
    clock.run(15)
    return clock


@pytest.fixture
def table(secrets_manager: "SecretsManagerClient") -> "DynamoDBClient":
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    create_table()
    return boto3.client("dynamodb")


@pytest.fixture
def limited(secrets_manager: "SecretsManagerClient", table: "DynamoDBClient", clock: FakeClock) -> Api:
    """An API that grants users three tokens a minute."""
    return Api(handler_over(secrets_manager, SETTINGS, table, clock))


def of(user: str) -> dict[str, Any]:
    return as_user(token_event(fields={**ROOM, "user_id": user}), {"sub": user})


def test_the_fourth_token_in_a_minute_is_refused(limited: Api) -> None:
    assert [limited(of("alice")).status for _ in range(3)] == [200, 200, 200]

    answer = limited(of("alice"))

    assert (answer.status, answer.headers["retry-after"]) == (429, "45")
    assert answer.json["type"].endswith(":quota-exceeded")


def test_every_user_has_a_quota_of_its_own(limited: Api) -> None:
    for _ in range(3):
        assert limited(of("alice")).status == 200

    assert limited(of("bob")).status == 200


def test_the_next_minute_starts_anew(limited: Api, clock: FakeClock) -> None:
    for _ in range(4):
        limited(of("alice"))

    clock.run(44)
    assert limited(of("alice")).status == 429
    clock.run(1)
    assert limited(of("alice")).status == 200


def test_counts_are_deleted_after_their_minute(
    limited: Api, table: "DynamoDBClient", clock: FakeClock
) -> None:
    limited(of("alice"))

    (item,) = table.scan(TableName=SETTINGS.table)["Items"]
    assert clock.instant.wall < int(item["expires_at"]["N"]) <= clock.instant.wall + 120
    assert "alice" not in str(item)


def test_services_have_no_quota(limited: Api) -> None:
    assert {limited(token_event(fields=ROOM)).status for _ in range(10)} == {200}


def test_what_is_refused_anyway_costs_nothing(limited: Api) -> None:
    for _ in range(10):
        greedy = {**ROOM, "user_id": "alice", "privilege": {"1": 1, "2": 1}}
        assert limited(as_user(token_event(fields=greedy), {"sub": "alice"})).status == 403

    assert limited(of("alice")).status == 200


class NoUpdates:
    """A table that answers questions and takes no updates."""

    def __init__(self, client: "DynamoDBClient", error: Exception) -> None:
        self._client = client
        self._error = error
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def update_item(self, **_: object) -> None:
        self.calls += 1
        raise self._error


AWAY = EndpointConnectionError(endpoint_url="https://dynamodb")
THROTTLED = ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "UpdateItem")


@pytest.mark.parametrize(("error", "calls"), [(AWAY, 1), (THROTTLED, 3)])
def test_without_the_table_each_process_counts_by_itself(
    secrets_manager: "SecretsManagerClient",
    table: "DynamoDBClient",
    clock: FakeClock,
    written: Written,
    error: Exception,
    calls: int,
) -> None:
    # given: a table that takes no updates
    away = NoUpdates(table, error)
    api = Api(handler_over(secrets_manager, SETTINGS, away, clock))  # type: ignore[arg-type]

    # when
    statuses = [api(of("alice")).status for _ in range(5)]

    # then: where it is away, it is not asked again for five seconds
    assert statuses == [200, 200, 200, 429, 429]
    assert written().count('"QuotaUnavailable":[1.0]') == 3
    assert away.calls == calls
    clock.run(5)
    assert api(of("bob")).status == 200
    assert away.calls == calls + 1


def test_one_throttled_write_opens_the_quota_to_nobody(
    secrets_manager: "SecretsManagerClient", table: "DynamoDBClient", clock: FakeClock
) -> None:
    # given: bob has had his tokens, and then a write fails
    away = NoUpdates(table, THROTTLED)
    api = Api(handler_over(secrets_manager, SETTINGS, table, clock))
    assert [api(of("bob")).status for _ in range(4)] == [200, 200, 200, 429]
    failing = Api(handler_over(secrets_manager, SETTINGS, away, clock))  # type: ignore[arg-type]
    assert failing(of("alice")).status == 200

    # when: the table takes writes again
    away.update_item = table.update_item  # type: ignore[method-assign, assignment]

    # then
    assert failing(of("bob")).status == 429


def test_a_process_asks_no_more_for_a_user_that_has_had_its_tokens(
    secrets_manager: "SecretsManagerClient", table: "DynamoDBClient", clock: FakeClock
) -> None:
    counting = Counting(table)
    api = Api(handler_over(secrets_manager, SETTINGS, counting, clock))  # type: ignore[arg-type]

    assert [api(of("alice")).status for _ in range(9)] == [200] * 3 + [429] * 6

    assert counting.calls == 3


class Counting(NoUpdates):
    """A table whose updates are counted."""

    def __init__(self, client: "DynamoDBClient") -> None:
        super().__init__(client, AWAY)

    def update_item(self, **update: object) -> None:
        self.calls += 1
        self._client.update_item(**update)  # type: ignore[arg-type]


def test_a_quota_of_0_is_none(secrets_manager: "SecretsManagerClient", table: "DynamoDBClient") -> None:
    settings = replace(OPEN_SETTINGS, user_tokens_per_minute=0)
    api = Api(handler_over(secrets_manager, settings, table))

    assert {api(of("alice")).status for _ in range(5)} == {200}
    assert not table.scan(TableName=settings.table)["Items"]
