"""Clients that renew as ZEGO's SDKs do ask a few times, not a thousand."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local.aws import create_stack, create_table
from tests.api import Answer, Api, service_over
from tests.clocks import FakeClock
from tests.deployment import BACKEND, AwsClients
from tests.factories import APP_ID, SECRET, as_user, token_event
from tests.room_requests import ALICE, BOB, HOUR, SETTINGS, enroll, entry, refused, request, schedule
from token_api.handler import create_handler
from zego_service.deployment import Deployment as Service
from zego_service.issuing.requests import TokenRequest
from zego_service.provisioning.rooms import TokensRequest, Window

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ROUND_TRIP_SECONDS = 0.05
BOB_AS_ALICE = replace(BOB, user_id="alice")
SDK_SECONDS = 30  # Express Web 3.12.0 fires `tokenWillExpire` so long before the end


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def service(secrets_manager: "SecretsManagerClient", clock: FakeClock) -> Service:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    create_table()
    return service_over(secrets_manager, SETTINGS, boto3.client("dynamodb"), clock)


@pytest.fixture
def api(service: Service) -> Api:
    return Api(create_handler(service))


def ending_in(clock: FakeClock, seconds: int) -> Window:
    return Window(starts_at=clock().unix - HOUR, ends_at=clock().unix + seconds)


def by_the_sdk(answer: dict[str, Any]) -> float:
    return float(max(0, answer["expires_in"] - SDK_SECONDS))


def by_refresh_in(answer: dict[str, Any]) -> float:
    return float(answer["refresh_in"])


def requests_until_the_end(
    clock: FakeClock, ask: Callable[[], Answer], wait: Callable[[dict[str, Any]], float], seconds: float
) -> int:
    """How often a client asks in so many seconds; it stops at the first 403."""
    end = clock().wall + seconds
    for count in itertools.count():
        answer = ask()
        if answer.status != 200 or clock().wall >= end:
            assert clock().wall >= end or answer.json["rule"] == "too-late"
            return count + 1
        assert 0 <= answer.json["refresh_in"] <= answer.json["expires_in"] - 35
        clock.run(ROUND_TRIP_SECONDS + wait(answer.json))
    raise AssertionError


@pytest.mark.parametrize("wait", [by_the_sdk, by_refresh_in])
@pytest.mark.parametrize("fraction", [0, 0.3, 0.97])
@pytest.mark.parametrize("seconds", [35, 36, 59, 60, 100, 3600, 7200])
def test_the_end_of_a_grant_brings_no_storm(
    service: Service, api: Api, clock: FakeClock, wait: Any, fraction: float, seconds: int
) -> None:
    schedule(service, ALICE, when=ending_in(clock, seconds))
    clock.run(fraction)
    mine = as_user(entry(), {"sub": "alice"})

    assert requests_until_the_end(clock, lambda: api(mine), wait, seconds) <= 12


@pytest.mark.parametrize("wait", [by_the_sdk, by_refresh_in])
def test_the_shortest_token_is_renewed_every_half_minute(api: Api, clock: FakeClock, wait: Any) -> None:
    event = token_event(fields={"room_id": "demo", "effective_time_in_seconds": 60})

    assert requests_until_the_end(clock, lambda: api(event), wait, HOUR) <= HOUR / 25 + 1


@pytest.mark.parametrize("wait", [by_the_sdk, by_refresh_in])
def test_a_token_that_was_minted_ahead_is_not_fetched_in_a_loop(
    secrets_manager: "SecretsManagerClient", clock: FakeClock, wait: Any
) -> None:
    # given
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    create_table()
    create_stack()
    settled = AwsClients.new().service(SETTINGS, clock)
    asked = TokenRequest(user_id="alice", room_id="demo", effective_time_in_seconds=HOUR)
    token = settled.issuer.issue(BACKEND, asked, clock())
    settled.vault.store(TokensRequest("r-1", APP_ID, "demo", HOUR, (BOB,)), lambda: [token], clock())
    api = Api(create_handler(settled))
    fetch = request("GET", "/v1/provisioned/{request_id}/{user_id}", request_id="r-1", user_id="alice")

    # when
    clock.run(600)
    early = api(fetch).json
    clock.run(2400)
    late = api(fetch).json

    # then
    assert (early["expires_in"], early["refresh_in"]) == (3000, 2280)
    assert early["refresh_after"] == token.refresh_after
    assert (late["expires_in"], late["refresh_in"]) == (600, 480)
    assert late["refresh_after"] - clock().unix == 480
    assert requests_until_the_end(clock, lambda: api(fetch), wait, 600) <= 12


@pytest.mark.parametrize("seconds", [35, 36, 59])
def test_a_grant_may_give_less_than_a_minute(
    service: Service, api: Api, clock: FakeClock, seconds: int
) -> None:
    schedule(service, ALICE, when=ending_in(clock, seconds))

    for event in (entry(), as_user(token_event(fields={"room_id": "demo"}), {"sub": "alice"})):
        answer = api(event).json
        assert (answer["expires_in"], answer["refresh_in"]) == (seconds, seconds - 35)


@pytest.mark.parametrize("left", [34.99, 34, 30, 1])
def test_the_last_seconds_of_a_grant_bring_no_token(
    service: Service, api: Api, clock: FakeClock, left: float
) -> None:
    when = ending_in(clock, HOUR)
    schedule(service, ALICE, when=when)
    clock.run(HOUR - left)

    for event in (entry(), as_user(token_event(fields={"room_id": "demo"}), {"sub": "alice"})):
        answer = refused(api(event), 403, "too-late", "room_id")
        assert str(when.ends_at) in answer.json["detail"]


def test_a_roster_that_goes_on_takes_over_from_a_schedule_that_ends(
    service: Service, api: Api, clock: FakeClock
) -> None:
    schedule(service, ALICE, when=ending_in(clock, 34))
    enroll(service, BOB_AS_ALICE, ending_in(clock, HOUR))

    assert api(entry()).json["expires_in"] == HOUR


def test_a_room_that_is_extended_just_gives_a_later_token(
    service: Service, api: Api, clock: FakeClock
) -> None:
    # given
    schedule(service, ALICE, when=ending_in(clock, 100))
    first = api(entry()).json

    # when
    schedule(service, ALICE, when=ending_in(clock, 1000), revision=2)
    clock.run(first["refresh_in"])

    # then
    assert api(entry()).json["expires_at"] == first["expires_at"] + 900


@pytest.mark.parametrize("product", ["rtc", "uikit"])
@pytest.mark.parametrize("seconds", [1, 30, 59])
@pytest.mark.parametrize("trigger", ["http_api", "rest_api", "function_url"])
def test_shorter_tokens_than_a_minute_are_refused(api: Api, product: str, seconds: int, trigger: str) -> None:
    fields = {"room_id": "demo", "product": product, "effective_time_in_seconds": seconds}

    answer = refused(api(token_event(trigger, fields)), 400, field="effective_time_in_seconds")

    assert "at least 60" in answer.json["detail"]


def test_less_than_35_seconds_is_refused_from_a_grant_too(
    service: Service, api: Api, clock: FakeClock
) -> None:
    schedule(service, ALICE, when=ending_in(clock, HOUR))

    assert api(entry(effective_time_in_seconds=35)).json["expires_in"] == 35
    refused(api(entry(effective_time_in_seconds=34)), 400, field="effective_time_in_seconds")


def test_zim_keeps_its_own_limit(api: Api) -> None:
    answer = api(token_event(fields={"product": "zim", "effective_time_in_seconds": 30}))

    assert (answer.json["expires_in"], answer.json["refresh_in"]) == (30, 0)
