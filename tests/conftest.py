"""An environment in which no test can reach a real AWS account."""

import os

import pytest
from hypothesis import settings

collect_ignore = [] if "CORPORA" in os.environ else ["corpora"]

settings.register_profile("default", deadline=None, max_examples=200)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def _no_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
