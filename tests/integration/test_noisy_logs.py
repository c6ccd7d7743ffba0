"""No switch of any logger brings a secret, a data key, a token or a plaintext into the output."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import ROOT
from zego_service import telemetry

VARIABLES = {
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
    "LOG_LEVEL": "DEBUG",
    "POWERTOOLS_DEBUG": "true",
    "POWERTOOLS_DEV": "true",
    "POWERTOOLS_LOG_LEVEL": "DEBUG",
    "POWERTOOLS_LOGGER_LOG_EVENT": "true",
}


def output_with(switch: str, variables: dict[str, str], hidden: Path) -> str:
    environment = {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "tests.noisy_requests", switch, str(hidden)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("switch", "variables"),
    [
        pytest.param("root level", {}, marks=pytest.mark.exploration),
        ("everything", {}),
        pytest.param("root level", VARIABLES, marks=pytest.mark.exploration),
    ],
)
def test_a_noisy_logger_shows_nothing_secret(switch: str, variables: dict[str, str], tmp_path: Path) -> None:
    output = output_with(switch, variables, tmp_path / "hidden")

    assert "token decision" in output
    hidden = json.loads((tmp_path / "hidden").read_text())
    assert len(hidden) == 8
    assert [text for text in hidden if text in output] == []


@pytest.mark.parametrize("name", ["boto3", "botocore", "botocore.parsers", "urllib3.connectionpool"])
def test_aws_loggers_keep_a_level_of_their_own(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "level", logging.DEBUG)

    assert telemetry.logger is not None
    assert logging.getLogger(name).getEffectiveLevel() >= logging.INFO
