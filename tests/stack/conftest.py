"""One AWS and one stack for all tests of this folder, which run in order."""

from collections.abc import Iterator

import pytest

from tests.stack.aws import Aws, running_aws
from tests.stack.deployed import Stack, deployed


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    with running_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.fixture(scope="session")
def fresh_stack(aws: Aws) -> Stack:
    """The stack as its first deployment leaves it, maybe without a secret."""
    return deployed(aws, "zego-tokens-dev", PARAMS="SecretTtlSeconds=1")


@pytest.fixture
def stack(fresh_stack: Stack, server_secret: str) -> Stack:
    """The stack with its secret."""
    if fresh_stack.call("POST", "/v1/tokens", {"user_id": "alice"}).status != 200:
        fresh_stack.put_secret(server_secret)
        fresh_stack.await_secret()
    return fresh_stack


@pytest.fixture(scope="session")
def server_secret() -> str:
    return "0123456789abcdef0123456789abcdef"
