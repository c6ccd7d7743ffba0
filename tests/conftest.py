"""An environment in which no test can reach a real AWS account."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from moto.core.config import default_user_config

# Each is for a command of its own.
collect_ignore = [
    folder
    for folder, variable in (("corpora", "CORPORA"), ("stack", "STACK_TESTS"), ("clients", "CLIENT_TESTS"))
    if variable not in os.environ
]

# Moto's models make a large heap. Looked through as often as by default, it takes a tenth of the time.
gc.set_threshold(50_000, 20, 50)

# CI tries the same examples for the same code, so that what it refuses can be repeated; `make attack` tries new ones.
IN_CI = "CI" in os.environ
settings.register_profile("default", deadline=None, max_examples=100, derandomize=IN_CI)
# For `make test-all`.
settings.register_profile("wide", deadline=None, max_examples=1000, derandomize=IN_CI)
# For `make mutate`: the same examples each time, no shrinking, and a slow machine is no failure.
settings.register_profile(
    "mutation",
    deadline=None,
    max_examples=50,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")


@pytest.fixture(scope="session", autouse=True)
def _moto_starts_fast() -> Iterator[None]:
    """Keep moto from making a new session for each test, which would find and parse the same large files.

    And from registering thousands of addresses for `requests`, with which nothing here calls AWS.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(default_user_config["core"], "reset_boto3_session", False)
        patch.setattr("moto.core.models.RESPONSES_METHODS", [])
        yield


@pytest.fixture(autouse=True)
def _no_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
