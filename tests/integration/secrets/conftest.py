"""A secret store over a line to Secrets Manager that a test can cut."""

from typing import TYPE_CHECKING

import pytest

from tests.clocks import FakeClock
from tests.secret_line import Line, Store

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def line(secrets_manager: "SecretsManagerClient") -> Line:
    return Line(secrets_manager)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(line: Line, clock: FakeClock) -> Store:
    return Store(line, clock)
