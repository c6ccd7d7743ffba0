"""Each metric of the service that an alarm names is written when its fault happens."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.api import handler_over
from tests.deployment import AwsClients, Deployment, invoke
from tests.factories import APP_ID, OPEN_SETTINGS, SECRET, FakeContext, as_user, sample_event, token_event
from tests.infrastructure.test_alarms import alarms, dimensions_of, metrics_of
from tests.output import Written
from tests.room_requests import ALICE, schedule
from zego_service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

Metric = tuple[str, tuple[tuple[str, str], ...]]
Fault = Callable[[Deployment], None]


class Down:
    """A client of an AWS that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*_: object, **__: object) -> None:
            raise EndpointConnectionError(endpoint_url="https://aws")

        return call


class Refusing(Down):
    """An EventBridge that takes no event."""

    def put_events(self, **_: object) -> dict[str, int]:
        return {"FailedEntryCount": 1}


def written_metrics(output: str) -> set[Metric]:
    """Names and dimensions in CloudWatch's embedded metric format."""
    return {
        (metric["Name"], tuple((name, line[name]) for name in dimensions))
        for line in map(json.loads, output.splitlines())
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
        if directive["Namespace"] == "ZegoTokens"
        for dimensions in directive["Dimensions"]
        for metric in directive["Metrics"]
    }


def watched() -> "Iterator[Metric]":
    """What the template's alarms read of the service's own metrics."""
    for alarm in alarms().values():
        for metric in metrics_of(alarm):
            if metric["Namespace"] == "ZegoTokens":
                yield metric["MetricName"], dimensions_of(metric)


def ask(deployment: Deployment, event: dict[str, Any], **clients: Any) -> None:
    """A request, to a process of its own."""
    secrets = clients.get("secrets_manager", deployment.clients.secretsmanager)
    dynamodb = clients.get("dynamodb", deployment.clients.dynamodb)
    handler_over(secrets, deployment.settings, dynamodb)(event, FakeContext())


def with_secret(deployment: Deployment, value: str) -> None:
    deployment.clients.secretsmanager.put_secret_value(SecretId=f"zego/{APP_ID}", SecretString=value)


def malformed_secret(deployment: Deployment) -> None:
    with_secret(deployment, "oops")
    ask(deployment, token_event())
    with_secret(deployment, SECRET)


def missing_secret(deployment: Deployment) -> None:
    settings = Settings(default_app_id=7)
    handler_over(deployment.clients.secretsmanager, settings, deployment.clients.dynamodb)(
        token_event(fields={"app_id": 7}), FakeContext()
    )


def unreachable_secret(deployment: Deployment) -> None:
    ask(deployment, token_event(), secrets_manager=Down())


class Rotating:
    """A Secrets Manager that answers once, and fails from then on."""

    def __init__(self, later: str | None) -> None:
        self._answers: list[str | None] = [SECRET, later]

    def get_secret_value(self, **_: object) -> dict[str, str]:
        answer = self._answers.pop(0)
        if answer is None:
            raise EndpointConnectionError(endpoint_url="https://aws")
        return {"SecretString": answer}


def failing_refresh(later: str | None) -> Fault:
    def happen(deployment: Deployment) -> None:
        settings = replace(OPEN_SETTINGS, secret_ttl_seconds=0)
        handler = handler_over(Rotating(later), settings, deployment.clients.dynamodb)  # type: ignore[arg-type]
        for _ in range(2):
            assert handler(token_event(), FakeContext())["statusCode"] == 200

    return happen


def unreachable_table(deployment: Deployment) -> None:
    ask(deployment, token_event(), dynamodb=Down())


class NoUpdates:
    """A table that cannot be written."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(Down(), name) if name == "update_item" else getattr(self._client, name)


def uncounted_quota(deployment: Deployment) -> None:
    schedule(deployment.service, ALICE)
    event = as_user(token_event(fields={"room_id": "demo"}), {"sub": "alice"})
    ask(deployment, event, dynamodb=NoUpdates(deployment.clients.dynamodb))


def provision(deployment: Deployment, event: dict[str, Any], **failing: Any) -> None:
    handler = deployment.handler_over(AwsClients(**{**vars(deployment.clients), **failing}))
    with pytest.raises(Exception, match="unavailable"):
        invoke(handler, event)


def unreachable_grants(deployment: Deployment) -> None:
    provision(deployment, sample_event("room_scheduled"), dynamodb=Down())


def refused_announcement(deployment: Deployment) -> None:
    provision(deployment, sample_event("room_scheduled"), events=Refusing())


def rejected_event(deployment: Deployment) -> None:
    deployment(sample_event("room_scheduled_bad_input"))


SERVICE = ("service", "zego-tokens")
FAULTS: dict[Metric, Fault] = {
    ("TokenRejected", (SERVICE, ("reason", "secret_missing"))): missing_secret,
    ("TokenRejected", (SERVICE, ("reason", "secret_malformed"))): malformed_secret,
    ("TokenRejected", (SERVICE, ("reason", "secret_unavailable"))): unreachable_secret,
    ("SecretRefreshFailed", (SERVICE, ("reason", "secret_malformed"))): failing_refresh("oops"),
    ("SecretRefreshFailed", (SERVICE, ("reason", "secret_unavailable"))): failing_refresh(None),
    ("RevocationsUnavailable", (SERVICE,)): unreachable_table,
    ("QuotaUnavailable", (SERVICE,)): uncounted_quota,
    ("GrantsUnavailable", (SERVICE,)): unreachable_grants,
    ("ProvisioningFailed", (SERVICE,)): unreachable_grants,
    ("AnnouncementFailed", (SERVICE,)): refused_announcement,
    ("ProvisioningRejected", (SERVICE,)): rejected_event,
}


def test_no_metric_is_watched_that_no_fault_here_writes() -> None:
    assert set(watched()) == FAULTS.keys()


@pytest.mark.parametrize("metric", FAULTS, ids=str)
def test_a_fault_writes_the_metric_that_its_alarm_names(
    deployment: Deployment, written: Written, metric: Metric
) -> None:
    written()

    FAULTS[metric](deployment)

    assert metric in written_metrics(written())
