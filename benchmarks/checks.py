"""What caller check, policy, revocations, quota and audit add to a user's warm request.

The same request goes through the same resolver, first with all of them replaced by a call that does
nothing, then with one more in place each time.
"""

import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, redirect_stdout
from http import HTTPStatus
from statistics import median
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import boto3
from moto import mock_aws

from local.aws import DEMO_APP_ID, DEMO_SECRET, ZegoApp, create_table, store_secret, use_local_credentials
from local.build import ROOT
from local.gateway import LocalContext
from token_api.handler import create_handler
from token_api.responses import Routes
from zego_service.callers import PUBLISH, Caller, CallerKind
from zego_service.clients import Clients
from zego_service.deployment import Deployment
from zego_service.issuing import audit, issuer, policy
from zego_service.issuing.quota import Quota
from zego_service.issuing.revocations import Revocations
from zego_service.settings import Settings
from zego_service.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROUNDS = 300
CALLS = 10
ALICE = Caller(CallerKind.USER, "alice", frozenset((PUBLISH,)), "jwt")
CLAIMS = {"sub": "alice", "scope": PUBLISH}
SETTINGS = Settings(default_app_id=DEMO_APP_ID, user_tokens_per_minute=ROUNDS * CALLS * 100)


class Split:
    """A table whose updates go to another one: those of the quota."""

    def __init__(self, table: "DynamoDBClient", of_quota: "DynamoDBClient") -> None:
        self.query = table.query
        self.update_item = of_quota.update_item


class TableAtOnce:
    """A table that takes every update at once."""

    def update_item(self, **_: object) -> None:
        """Do nothing."""


def nothing(*_: object, **__: object) -> None:
    """What stands in for a check that is taken out."""


# In the order in which a request meets them.
PARTS: dict[str, list[AbstractContextManager[object]]] = {
    "caller check": [patch.object(Routes, "require_caller", lambda *_: ALICE)],
    "policy and limits": [
        patch.object(policy, "_RULES_FOR_USERS", ()),
        patch.object(policy, "_RULES_FOR_ALL", ()),
        patch.object(issuer, "check_ttl", nothing),
    ],
    "revocation check": [patch.object(Revocations, "check", nothing)],
    "quota, but its table": [patch.object(Quota, "take", nothing)],
    "audit": [patch.object(audit, "_issued", nothing)],
}


def main() -> None:
    use_local_credentials()
    logger.registered_handler.setStream(io.StringIO())  # type: ignore[attr-defined]
    with mock_aws(), redirect_stdout(io.StringIO()):
        store_secret(ZegoApp(DEMO_APP_ID, DEMO_SECRET))
        create_table()
        rounds = _rounds()
    for line in _lines(rounds):
        print(line)


def _rounds() -> list[list[float]]:
    """Seconds a request takes, with 0, 1, … all parts in place, and last with moto's table too.

    A round has some calls of each in turn, so that a machine that slows down slows them all.
    """
    table = boto3.client("dynamodb")
    at_once = _request(table, cast("DynamoDBClient", TableAtOnce()))
    subjects = [(at_once, list(PARTS)[done:], CALLS) for done in range(len(PARTS) + 1)]
    subjects.append((_request(table, table), [], 1))
    # Every other round goes backwards, so that none is always the one after moto.
    ways = (1, -1) * (ROUNDS // 2)
    return [[_seconds(*subject) for subject in subjects[::way]][::way] for way in ways]


def _request(table: "DynamoDBClient", of_quota: "DynamoDBClient") -> Callable[[], None]:
    clients = Clients(
        made={"secretsmanager": boto3.client("secretsmanager"), "dynamodb": Split(table, of_quota)}
    )
    handler = create_handler(Deployment.over(SETTINGS, clients))
    event: dict[str, Any] = json.loads((ROOT / "events" / "http_api_token04_room.json").read_text())
    event["requestContext"]["authorizer"] = {"jwt": {"claims": CLAIMS, "scopes": None}}

    def request() -> None:
        status = handler(event, LocalContext())["statusCode"]
        if status != HTTPStatus.OK:
            raise SystemExit(f"the request was answered with {status}")

    return request


def _seconds(request: Callable[[], None], taken_out: Sequence[str], calls: int) -> float:
    with ExitStack() as stack:
        for name in taken_out:
            for part in PARTS[name]:
                stack.enter_context(part)
        request()  # the first one reads the secret
        started = time.perf_counter()
        for _ in range(calls):
            request()
        return (time.perf_counter() - started) / calls


def _lines(rounds: list[list[float]]) -> Iterator[str]:
    """Medians, and medians of what each step adds in a round."""

    def line(name: str, *seconds: float) -> str:
        times = "".join(f"{value * 1e6:8.0f} µs" for value in seconds)
        return f"checks: {name:32}{times}"

    def added(start: int, end: int) -> float:
        return median(times[end] - times[start] for times in rounds)

    def ratio(end: int) -> str:
        return f"{median(times[end] / times[0] for times in rounds):8.2f} ×"

    every = len(PARTS)
    yield line("a request without any of them", median(times[0] for times in rounds)) + ratio(0)
    for step, name in enumerate(PARTS):
        yield line(f"  {name} adds", added(step, step + 1))
    yield line("with all, but the table", median(times[every] for times in rounds)) + ratio(every)
    yield line("  the quota's table (moto) adds", added(every, every + 1))
    yield line("with all and moto's table", median(times[-1] for times in rounds)) + ratio(every + 1)


if __name__ == "__main__":
    main()
