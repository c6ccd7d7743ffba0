"""How soon other processes see a revocation."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from local.aws import create_table
from tests.api import Api, handler_over
from tests.clocks import FakeClock
from tests.factories import APP_ID, OPEN_SETTINGS, SECRET, token_event
from tests.output import Written
from tests.revocation_requests import HOUR, revocations_event, revoke

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient


SETTINGS = replace(OPEN_SETTINGS, secret_name="zego/{app_id}")


class Line:
    """A table with a line that can be cut; counts the questions."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._client = client
        self.is_cut = False
        self.questions = 0
        self.after_answer: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        if self.is_cut:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")
        return getattr(self._client, name)

    def query(self, **arguments: Any) -> Any:
        self.questions += 1
        answer = self.__getattr__("query")(**arguments)
        self.after_answer()
        return answer


@pytest.fixture
def line(secrets_manager: "SecretsManagerClient") -> Line:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    create_table()
    return Line(boto3.client("dynamodb"))


@pytest.fixture
def clock() -> FakeClock:
    clock = FakeClock()
    clock.freeze(time.time() - clock.instant.wall)
    return clock


def process(secrets_manager: "SecretsManagerClient", line: Line, clock: FakeClock) -> Api:
    """A process of its own over the same table."""
    return Api(handler_over(secrets_manager, SETTINGS, line, clock))  # type: ignore[arg-type]


def test_other_processes_see_it_within_five_seconds_and_ask_no_more_often(
    secrets_manager: "SecretsManagerClient", line: Line, clock: FakeClock
) -> None:
    here, there = process(secrets_manager, line, clock), process(secrets_manager, line, clock)
    assert there(token_event()).status == 200

    revoke(here, user_id="alice")
    questions = line.questions

    assert [there(token_event()).status for _ in range(10)] == [200] * 10
    assert line.questions == questions
    clock.run(5)
    assert [there(token_event()).status for _ in range(10)] == [403] * 10
    assert line.questions == questions + 1


def test_one_that_is_set_while_they_are_being_read_is_in_force_within_five_seconds(
    secrets_manager: "SecretsManagerClient", line: Line, clock: FakeClock
) -> None:
    # given: an answer that takes two seconds, and a revocation in the meantime
    here, there = process(secrets_manager, line, clock), process(secrets_manager, line, clock)

    def meanwhile() -> None:
        line.after_answer = lambda: None
        revoke(here, user_id="alice")
        clock.run(2)

    line.after_answer = meanwhile
    assert there(token_event()).status == 200

    # when
    clock.run(3)

    # then
    assert there(token_event()).status == 403


def test_it_ends_when_it_should_even_while_the_table_is_away(
    secrets_manager: "SecretsManagerClient", line: Line, clock: FakeClock
) -> None:
    api = process(secrets_manager, line, clock)
    revoke(api, user_id="alice")
    assert api(token_event()).status == 403

    line.is_cut = True
    clock.run(1800)
    assert api(token_event()).status == 403
    clock.run(1801)
    assert api(token_event()).status == 200


def test_a_process_that_never_could_ask_issues_nothing(
    secrets_manager: "SecretsManagerClient", line: Line, clock: FakeClock, written: Written
) -> None:
    api = process(secrets_manager, line, clock)
    line.is_cut = True

    answer = api(token_event())

    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert '"RevocationsUnavailable":[1.0]' in written()
    for method in ("POST", "GET", "DELETE"):
        event = revocations_event(method, body={"user_id": "a", "until": HOUR}, query={"user_id": "a"})
        assert api(event).status == 503
    line.is_cut = False
    assert api(token_event()).status == 200
