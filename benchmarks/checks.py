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
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import boto3
from moto import mock_aws

from benchmarks.report import quartiles, show
from local.aws import DEMO_APP_ID, DEMO_SECRET, ZegoApp, store_secret, use_local_credentials
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
NOISE = "–"
ALICE = Caller(CallerKind.USER, "alice", frozenset((PUBLISH,)), "jwt")
CLAIMS = {"sub": "alice", "scope": PUBLISH}
# The room is one that nobody scheduled: a grant is looked for, and is not there.
SETTINGS = Settings(default_app_id=DEMO_APP_ID, user_rooms="any", user_tokens_per_minute=ROUNDS * CALLS * 100)


class TableAtOnce:
    """A table that is empty, and takes and answers everything at once."""

    def query(self, **_: object) -> dict[str, Any]:
        """Find nothing."""
        return {"Items": []}

    def get_item(self, **_: object) -> dict[str, Any]:
        """Find nothing."""
        return {}

    def update_item(self, **_: object) -> dict[str, Any]:
        """Do nothing."""
        return {}


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
    "quota": [patch.object(Quota, "take", nothing)],
    "audit": [patch.object(audit, "_issued", nothing)],
}


def main() -> None:
    use_local_credentials()
    logger.registered_handler.setStream(io.StringIO())  # type: ignore[attr-defined]
    with mock_aws(), redirect_stdout(io.StringIO()):
        store_secret(ZegoApp(DEMO_APP_ID, DEMO_SECRET))
        rounds = _rounds()
    show("What checks add to a warm request of a user", ("", "median, µs", "ratio"), _rows(rounds))
    print(f"{NOISE} is less than what the rounds differ by. Tables answer at once.")


def _rounds() -> list[list[float]]:
    """CPU seconds that a request takes, with 0, 1, … all parts in place.

    A round has some calls of each in turn, so that a machine that slows down slows them all.
    """
    request = _request(cast("DynamoDBClient", TableAtOnce()))
    subjects = [(request, list(PARTS)[done:]) for done in range(len(PARTS) + 1)]
    # Every other round goes backwards, so that none is always the first one.
    ways = (1, -1) * (ROUNDS // 2)
    return [[_seconds(*subject) for subject in subjects[::way]][::way] for way in ways]


def _request(table: "DynamoDBClient") -> Callable[[], None]:
    clients = Clients(made={"secretsmanager": boto3.client("secretsmanager"), "dynamodb": table})
    handler = create_handler(Deployment.over(SETTINGS, clients))
    event: dict[str, Any] = json.loads((ROOT / "events" / "http_api_token04_room.json").read_text())
    event["requestContext"]["authorizer"] = {"jwt": {"claims": CLAIMS, "scopes": None}}

    def request() -> None:
        status = handler(event, LocalContext())["statusCode"]
        if status != HTTPStatus.OK:
            raise SystemExit(f"the request was answered with {status}")

    return request


def _seconds(request: Callable[[], None], taken_out: Sequence[str]) -> float:
    with ExitStack() as stack:
        for name in taken_out:
            for part in PARTS[name]:
                stack.enter_context(part)
        request()  # the first one reads the secret
        started = time.process_time()
        for _ in range(CALLS):
            request()
        return (time.process_time() - started) / CALLS


def _rows(rounds: list[list[float]]) -> Iterator[tuple[str, str, str]]:
    """Medians, and medians of what each part adds in a round."""
    every = len(PARTS)
    yield "without any of them", _microseconds([times[0] for times in rounds]), "1.00"
    for step, name in enumerate(PARTS):
        yield f"  {name} adds", _microseconds([times[step + 1] - times[step] for times in rounds]), ""
    ratio = median(times[every] / times[0] for times in rounds)
    yield "with all", _microseconds([times[every] for times in rounds]), f"{ratio:.2f}"


def _microseconds(seconds: list[float]) -> str:
    """The median, where it is over twice its standard error: some 0.93 interquartile ranges by √n."""
    lower, upper = quartiles(seconds)
    middle = median(seconds)
    return f"{middle * 1e6:.0f}" if middle > 2 * 0.93 * (upper - lower) / sqrt(len(seconds)) else NOISE


if __name__ == "__main__":
    main()
