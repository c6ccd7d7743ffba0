"""Every route gives the same answer about an app that is not served."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local.aws import create_stack, create_table
from tests.api import Answer, Api, handler_over, service_over
from tests.factories import APP_ID, OPEN_SETTINGS, SECRET, as_user
from tests.outages import OUTAGES
from tests.room_requests import HOUR, entry, request
from tests.secret_line import Line
from zego_service.callers import ISSUE, REVOKE, Caller, CallerKind
from zego_service.clock import Instant
from zego_service.issuing.requests import TokenRequest
from zego_service.provisioning.rooms import Participant, TokensRequest
from zego_service.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

OTHER_APP = 5
ONE_SECRET = replace(OPEN_SETTINGS, secret_name=f"zego/{APP_ID}")
SECRET_PER_APP = OPEN_SETTINGS
BACKEND = Caller(CallerKind.SERVICE, "backend", frozenset((ISSUE,)), "jwt")
REVOKER = {"sub": "alice", "scope": REVOKE}


def token(app_id: int) -> dict[str, Any]:
    body = {"user_id": "alice", "room_id": "demo", "app_id": app_id}
    return request("POST", "/v1/tokens", body=body)


def entry_token(app_id: int) -> dict[str, Any]:
    return entry(app_id=app_id)


def grants(app_id: int) -> dict[str, Any]:
    return request("GET", "/v1/rooms/{room_id}/grants", query={"app_id": app_id}, room_id="demo")


def provisioned(app_id: int) -> dict[str, Any]:
    route = "/v1/provisioned/{request_id}/{user_id}"
    return request("GET", route, request_id=f"of-{app_id}", user_id="alice")


def set_revocation(app_id: int) -> dict[str, Any]:
    body = {"user_id": "alice", "app_id": app_id, "until": int(time.time()) + HOUR}
    return request("POST", "/v1/revocations", body=body)


def list_revocations(app_id: int) -> dict[str, Any]:
    return request("GET", "/v1/revocations", query={"app_id": app_id})


def lift_revocation(app_id: int) -> dict[str, Any]:
    return request("DELETE", "/v1/revocations", query={"app_id": app_id, "user_id": "alice"})


Route = Callable[[int], dict[str, Any]]
REVOCATIONS: list[Route] = [set_revocation, list_revocations, lift_revocation]
ROUTES: list[Route] = [token, entry_token, grants, provisioned, *REVOCATIONS]
OF_USERS = [route for route in ROUTES if route is not grants]  # which are for services


@pytest.fixture
def line(secrets_manager: "SecretsManagerClient") -> Line:
    """Secrets Manager, over a table in which tokens of both apps were minted ahead."""
    for app_id in (APP_ID, OTHER_APP):
        secrets_manager.create_secret(Name=f"zego/{app_id}", SecretString=SECRET)
    create_table()
    create_stack()
    line = Line(secrets_manager)
    service = service_over(line, SECRET_PER_APP, boto3.client("dynamodb"))  # type: ignore[arg-type]
    for app_id in (APP_ID, OTHER_APP):
        asked = TokenRequest(user_id="alice", app_id=app_id, room_id="demo", effective_time_in_seconds=HOUR)
        minted = [service.issuer.issue(BACKEND, asked, Instant.now())]
        ahead = TokensRequest(f"of-{app_id}", app_id, None, HOUR, (Participant(user_id="alice"),))
        service.vault.store(ahead, minted.copy, Instant.now())
    line.calls = 0
    return line


def api_over(line: Line, settings: Settings) -> Api:
    """A process of its own."""
    return Api(handler_over(line, settings, boto3.client("dynamodb")))  # type: ignore[arg-type]


def is_unknown_app(answer: Answer) -> bool:
    found = (answer.status, answer.json.get("field"), answer.json.get("type"))
    return found == (404, "app_id", "urn:zego-token-service:problem:unknown-app")


@pytest.mark.parametrize("route", ROUTES)
def test_with_one_secret_every_other_app_is_unknown_without_a_question(line: Line, route: Route) -> None:
    api = api_over(line, ONE_SECRET)

    assert is_unknown_app(api(route(OTHER_APP)))
    assert line.calls == 0


@pytest.mark.parametrize("route", ROUTES)
def test_with_a_secret_per_app_an_app_without_one_is_unknown(
    line: Line, secrets_manager: "SecretsManagerClient", route: Route
) -> None:
    secrets_manager.delete_secret(SecretId=f"zego/{OTHER_APP}")
    api = api_over(line, SECRET_PER_APP)

    assert [is_unknown_app(api(route(OTHER_APP))) for _ in range(3)] == [True] * 3
    assert line.calls == 1  # the store remembers the answer


@pytest.mark.parametrize("route", ROUTES)
def test_with_a_secret_per_app_an_app_that_has_one_is_served(line: Line, route: Route) -> None:
    assert not is_unknown_app(api_over(line, SECRET_PER_APP)(route(OTHER_APP)))


@pytest.mark.parametrize("settings", [ONE_SECRET, SECRET_PER_APP], ids=["one secret", "a secret per app"])
@pytest.mark.parametrize("route", OF_USERS)
def test_a_user_knows_the_deployments_app_alone(line: Line, settings: Settings, route: Route) -> None:
    api = api_over(line, settings)

    assert is_unknown_app(api(as_user(route(OTHER_APP), REVOKER)))
    assert not is_unknown_app(api(as_user(route(APP_ID), REVOKER)))


@pytest.mark.parametrize("route", [grants, *REVOCATIONS])
@pytest.mark.parametrize("outage", OUTAGES[:2], ids=["throttled", "failing"])
def test_without_secrets_manager_an_app_counts_as_served(line: Line, route: Route, outage: Exception) -> None:
    line.outage = outage
    api = api_over(line, SECRET_PER_APP)

    for app_id in (APP_ID, OTHER_APP):
        assert api(route(app_id)).status in (200, 201)


@pytest.mark.parametrize("route", [grants, provisioned, *REVOCATIONS])
def test_the_deployments_own_app_is_served_without_a_look_at_its_secret(line: Line, route: Route) -> None:
    assert api_over(line, SECRET_PER_APP)(route(APP_ID)).status in (200, 201)
    assert line.calls == 0


class CountingClock:
    """The real clock; counts how often it is read."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> Instant:
        self.reads += 1
        return Instant.now()


@pytest.mark.parametrize("route", ROUTES)
def test_a_request_reads_the_clock_once(line: Line, route: Route) -> None:
    clock = CountingClock()
    handler = handler_over(line, SECRET_PER_APP, boto3.client("dynamodb"), clock)  # type: ignore[arg-type]

    Api(handler)(route(APP_ID))

    assert clock.reads == 1
