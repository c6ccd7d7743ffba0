"""The built artifact under AWS's own runtime emulator, over moto's server."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from local.aws import ENVIRONMENT, SAMPLE_ROLE, ZegoApp, create_stack, create_table, store_secret
from local.build import build
from local.lambda_runtime import Function, LambdaRuntime, lambda_runtime
from tests.factories import APP_ID, SECRET


@dataclass
class Deployed:
    """A running function, the AWS it uses, and what it has written."""

    function: LambdaRuntime
    aws_url: str
    log: Path


needs_emulator = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS's runtime emulator is for Linux alone"
)


@pytest.fixture(scope="session")
def artifact() -> Path:
    """What `sam build` makes of the project for this machine."""
    return build()


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def stack_url(aws_url: str) -> str:
    """An AWS with what the template makes, and the app's secret."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        store_secret(ZegoApp(APP_ID, SECRET), aws_url)
        create_table(aws_url)
        create_stack(aws_url)
    return aws_url


@contextmanager
def running(artifact: Path, stack_url: str, log: Path, function: Function) -> Iterator[Deployed]:
    environment = {
        "AWS_ENDPOINT_URL": stack_url,
        "ZEGO_DEFAULT_APP_ID": str(APP_ID),
        "ZEGO_SERVICE_ROLES": SAMPLE_ROLE,
    }
    with log.open("wb") as logs, lambda_runtime(artifact, environment, logs, function) as runtime:
        yield Deployed(runtime, stack_url, log)


@pytest.fixture(scope="session")
def deployed(artifact: Path, stack_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The token API."""
    log = tmp_path_factory.mktemp("token-api") / "log"
    with running(artifact, stack_url, log, Function.TOKEN_API) as deployed:
        yield deployed


@pytest.fixture(scope="session")
def provisioner(
    artifact: Path, stack_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """The provisioner, of the same stack."""
    log = tmp_path_factory.mktemp("provisioner") / "log"
    with running(artifact, stack_url, log, Function.PROVISIONER) as provisioner:
        yield provisioner
