"""What a person types, and what it answers."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from local.aws import ENVIRONMENT
from local.deploy import main
from tests.deploy.cloud import Cloud, cloud  # noqa: F401 - a fixture


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit status."""

    status: int
    output: str
    error: str


CTRL_C = "\x03"
MakeDeploy = Callable[..., Outcome]
VARIABLES = ("APP_ID", "CONFIG", "REGION", "STACK", "PARAMS", "YES", "AWS_PROFILE", "AWS_ENDPOINT_URL")


@pytest.fixture
def make_deploy(
    cloud: Cloud,  # noqa: ARG001, F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> MakeDeploy:
    """`make deploy` with these variables; ``terminal`` is what a person answers, if one is there."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def answered(question: str, answer: str | None) -> str:
        sys.stdout.write(question)
        assert answer is not None
        if answer == CTRL_C:
            raise KeyboardInterrupt
        return answer

    def run(terminal: str | None = None, **variables: str) -> Outcome:
        with monkeypatch.context() as typed:
            for name, value in variables.items():
                typed.setenv(name, value)
            typed.setattr(sys.stdin, "isatty", lambda: terminal is not None, raising=False)
            typed.setattr("builtins.input", lambda question: answered(question, terminal))
            status = main()
        written = capsys.readouterr()
        return Outcome(status, written.out, written.err)

    return run
