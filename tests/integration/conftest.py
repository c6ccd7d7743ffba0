"""The handler over an embedded AWS."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws
from moto.server import ThreadedMotoServer

from local.aws import client
from tests.api import Api, create_api
from tests.deployment import Deployment
from tests.factories import APP_ID, OPEN_SETTINGS, SECRET
from tests.lambda_environment import as_in_lambda
from tests.output import CurrentStdout, Written
from zego_service.aws_json import Patience
from zego_service.settings import Settings
from zego_service.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Written:
    """Call it for all that was written to standard output and error since the last call."""
    monkeypatch.setattr(logger.registered_handler, "stream", CurrentStdout())
    return lambda: "".join(capsys.readouterr())


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """Moto's server in this process: it serves what `mock_aws` holds."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


# Moto's server may pause for longer than a table may, on a busy machine.
_PATIENCE = Patience(connect=1, read=1, attempts=2)


@pytest.fixture(params=["boto3", pytest.param("small", marks=pytest.mark.exploration)])
def aws_client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The client that makes the calls of a token request: boto3's, or the small one, as in Lambda."""
    if request.param == "small":
        as_in_lambda(monkeypatch, request.getfixturevalue("moto_url"))
        monkeypatch.setattr("zego_service.clients._AT_ONCE", _PATIENCE)
    return str(request.param)


@pytest.fixture
def secrets_manager(aws_client: str) -> "Iterator[SecretsManagerClient]":  # noqa: ARG001, it sets the client
    with mock_aws():
        yield client("secretsmanager")


@pytest.fixture
def settings() -> Settings:
    return OPEN_SETTINGS


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
