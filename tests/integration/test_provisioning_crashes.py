"""Whatever call of AWS fails, however it fails: a retry completes the work, and nothing is ever seen half done.

The calls are counted over all services, so that table, bucket, bus and key fail in turn.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count, product
from threading import local
from typing import Any, Self

import pytest
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.deployment import AwsClients, Deployment, invoke
from tests.output import Written
from tests.provisioning_events import (
    at_hour,
    cancelled,
    event_of,
    queue_batch,
    roster_batch,
    roster_end,
    row_of,
    scheduled,
    tokens_detail,
)
from zego_service.errors import UnavailableError

MOST_CALLS = 60
BATCH = 2
USERS = ["alice", "bob", "carol", "dave", "erin"]  # more than fit into two BatchWriteItems
SPEAKERS = [{"user_id": user, "publish": True} for user in USERS[2:]]


def refused(operation: str, code: str = "InternalServerError") -> Exception:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


def throttled(operation: str) -> Exception:
    return refused(operation, "ProvisionedThroughputExceededException")


def timed_out(_operation: str) -> Exception:
    return ReadTimeoutError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com")


@dataclass(frozen=True)
class Fault:
    """How a call fails; ``took_effect`` where AWS did what it was asked for and only the answer is lost."""

    error: Callable[[str], Exception]
    took_effect: bool = False
    lasts: bool = False


@dataclass(frozen=True)
class LeftOver:
    """From that call on, nothing gets through to the table but ``written`` items of each BatchWriteItem."""

    written: int


FAULTS: dict[str, Fault | LeftOver] = {
    "refused": Fault(refused),
    "timed out, but done": Fault(timed_out, took_effect=True),
    "throttled for long": Fault(throttled, lasts=True),
    "left over": LeftOver(1),
}


class Thread(local):
    """What a thread is about: the number of its call, and whether that call is the fault's own."""

    number = -1
    is_own = False


class Faults:
    """Makes the calls of some clients fail, from a given one on or only that one."""

    def __init__(self, clients: AwsClients, fault: Fault | LeftOver, call: int) -> None:
        self._fault = fault
        self._call = call
        self._calls = count()
        self._thread = Thread()
        self._dynamodb = clients.dynamodb
        self.happened = False
        self._hooks: dict[str, Callable[..., Any]] = {"before-call": self._before, "after-call": self._after}
        self._clients = (clients.dynamodb, clients.events, clients.s3, clients.kms, clients.secretsmanager)

    def __enter__(self) -> Self:
        for client, (name, hook) in product(self._clients, self._hooks.items()):
            client.meta.events.register(name, hook)
        return self

    def __exit__(self, *_: object) -> None:
        for client, (name, hook) in product(self._clients, self._hooks.items()):
            client.meta.events.unregister(name, hook)

    def _before(self, model: Any, params: Mapping[str, Any], **_: object) -> object:
        if self._thread.is_own:
            return None
        self._thread.number = next(self._calls)
        if isinstance(self._fault, LeftOver):
            return self._leave_over(self._fault, model, params)
        if not self._fault.took_effect:
            self._fail(self._fault, model)
        return None

    def _after(self, model: Any, **_: object) -> None:
        if isinstance(self._fault, Fault) and self._fault.took_effect:
            self._fail(self._fault, model)

    def _fail(self, fault: Fault, model: Any) -> None:
        if self._thread.number == self._call or (fault.lasts and self._thread.number > self._call):
            self.happened = True
            raise fault.error(model.name)

    def _leave_over(self, fault: LeftOver, model: Any, params: Mapping[str, Any]) -> object:
        if model.name != "BatchWriteItem" or self._thread.number < self._call:
            return None
        self.happened = True
        body = json.loads(params["body"], object_hook=with_bytes)
        ((table, requests),) = body["RequestItems"].items()
        if requests[: fault.written] and self._thread.number == self._call:
            self._thread.is_own = True
            self._dynamodb.batch_write_item(RequestItems={table: requests[: fault.written]})
            self._thread.is_own = False
            requests = requests[fault.written :]
        answer = AWSResponse("", 200, HeadersDict(), None)  # type: ignore[arg-type]
        return answer, {"UnprocessedItems": {table: requests} if requests else {}}


def with_bytes(member: dict[str, Any]) -> dict[str, Any]:
    return {"B": b64decode(member["B"])} if member.keys() == {"B"} else member


@dataclass(frozen=True)
class Case:
    """What was done before, what is to be done now, and in which room it can be seen."""

    event: dict[str, Any]
    before: tuple[dict[str, Any], ...] = ()


ROSTER = roster_batch({index: row_of(user, publish="yes") for index, user in enumerate([*USERS, " "])})
FIRST = scheduled(*USERS, "")
CASES = {
    "schedule": Case(queue_batch(FIRST)),
    "update": Case(queue_batch(scheduled(*SPEAKERS, revision=2)), (FIRST,)),
    "cancel": Case(queue_batch(cancelled(2)), (FIRST,)),
    "tokens": Case(queue_batch(event_of("Zego Tokens Requested", tokens_detail(user_ids=[*USERS, ""])))),
    "what is invalid": Case(queue_batch(scheduled(revision=-1), "{")),
    "roster batch": Case(ROSTER, (roster_batch({0: row_of(USERS[0])}, uploaded_at=at_hour(-14)),)),
    "end of a roster": Case(roster_end(), (ROSTER,)),
}
TRIED = [
    *product(["refused", "timed out, but done"], CASES),
    *product(["left over"], ["update", "tokens", "roster batch"]),
    ("throttled for long", "update"),
]


@pytest.fixture(autouse=True)
def _small_batches_and_short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zego_service.table.time.sleep", lambda _seconds: None)
    monkeypatch.setattr("zego_service.table.MAX_BATCH_ITEMS", BATCH)


Served = tuple[dict[str, Any], list[str]]


def served(deployment: Deployment) -> Served:
    """What some users may do in the room, and who is on the list."""
    answers = {user: deployment.answer("demo", user) for user in (USERS[0], USERS[-1])}
    return answers, sorted(map(repr, deployment.listed("demo", 50)))


def tokens(deployment: Deployment) -> list[Any]:
    """What the provisioned tokens are good for."""
    opened = [deployment.minted("r-1", user) for user in (USERS[0], USERS[-1])]
    return [(token.user_id, token.app_id, token.privilege) for token in opened if token is not None]


def has_failed(invocation: Callable[[], Mapping[str, Any]]) -> bool:
    try:
        answer = invocation()
    except UnavailableError:
        return True
    return bool(answer.get("batchItemFailures"))


def prepare(deployment: Deployment, case: Case) -> None:
    deployment.clear()
    for event in case.before:
        deployment(event)
    deployment.emitted()


@pytest.mark.parametrize(
    ("fault_name", "case_name"),
    [
        pytest.param(*tried, marks=[pytest.mark.exploration] * (number > 0))
        for number, tried in enumerate(TRIED)
    ],
)
def test_a_retry_completes_what_failed(
    deployment: Deployment, fault_name: str, case_name: str, written: Written
) -> None:
    # given: what an undisturbed run does
    case, fault = CASES[case_name], FAULTS[fault_name]
    prepare(deployment, case)
    before = served(deployment)
    assert not has_failed(partial(deployment, case.event))
    after, rows, objects = served(deployment), deployment.lasting_rows(), deployment.objects()
    provisioned, emitted = tokens(deployment), deployment.emitted()
    assert len(emitted) == len({repr(event) for event in emitted})

    for call in range(MOST_CALLS):
        # given: a process whose call number `call` fails
        prepare(deployment, case)
        process = deployment.handler_over(deployment.clients)

        # when
        with Faults(deployment.clients, fault, call) as faults:
            failed = has_failed(partial(invoke, process, case.event))

        # then: the room is as it was or as it will be, never in between; each row of a roster is for itself
        where = f"call {call}"
        if case_name != "roster batch":
            assert served(deployment) in (before, after), where

        # when
        if failed:
            assert not has_failed(partial(deployment, case.event)), where

        # then: all is there, once, and others were told
        assert deployment.lasting_rows() == rows, where
        assert deployment.objects() == objects, where
        assert tokens(deployment) == provisioned, where
        assert {repr(event) for event in deployment.emitted()} == {repr(event) for event in emitted}, where
        if not faults.happened:
            break
    else:
        pytest.fail("there are more calls than were tried")
    assert call > 0
    written()
