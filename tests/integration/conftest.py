"""The handler over an embedded AWS."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from local.aws import create_table
from tests.factories import APP_ID, SECRET, FakeContext
from tests.provisioning import Deployment
from token_api.handler import Handler, create_handler
from zego_service.quota import Quota
from zego_service.revocations import Revocations
from zego_service.secret_store import secrets_manager_client
from zego_service.service import token_service
from zego_service.settings import Settings
from zego_service.table import dynamodb_client
from zego_service.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient


class Answer:
    """What the handler answered, whichever form the trigger wants it in."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.status: int = answer["statusCode"]
        self.text: str = answer["body"]
        self.json: dict[str, Any] = json.loads(answer["body"])
        headers = answer.get("headers") or {
            name: values[0] for name, values in answer["multiValueHeaders"].items()
        }
        self.headers = {name.lower(): value for name, value in headers.items()}


class Api:
    """The handler as the deployment configures it, with one request a call."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def __call__(self, event: Mapping[str, Any]) -> Answer:
        return Answer(self._handler(event, FakeContext()))


Written = Callable[[], str]


class _CurrentStdout:
    """Standard output as it is at the time of writing; pytest replaces it for each phase of a test."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Written:
    """Call it for all that was written to standard output and error since the last call."""
    monkeypatch.setattr(logger.registered_handler, "stream", _CurrentStdout())
    return lambda: "".join(capsys.readouterr())


@pytest.fixture
def secrets_manager() -> "Iterator[SecretsManagerClient]":
    with mock_aws():
        yield secrets_manager_client()


def create_api(secrets_client: "SecretsManagerClient", settings: Settings) -> Api:
    """The API over these settings and secrets, and over a table of its own."""
    create_table()
    return Api(handler_over(secrets_client, settings, dynamodb_client()))


def handler_over(
    secrets_client: "SecretsManagerClient",
    settings: Settings,
    dynamodb: "DynamoDBClient",
    quota: Quota | None = None,
    revocations: Revocations | None = None,
) -> Handler:
    service = token_service(settings, secrets_client, dynamodb, quota=quota, revocations=revocations)
    return create_handler(service)


@pytest.fixture
def settings() -> Settings:
    return Settings(default_app_id=APP_ID)


@pytest.fixture
def api(secrets_manager: "SecretsManagerClient", settings: Settings) -> Api:
    """The API of a deployment whose app has its secret."""
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    return create_api(secrets_manager, settings)


@pytest.fixture(scope="module")
def account() -> Iterator[Deployment]:
    """What provisions, which takes longer to make than to clear."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        yield Deployment()


@pytest.fixture
def deployment(account: Deployment) -> Deployment:
    """What provisions, with nothing provisioned yet."""
    account.clear()
    return account
