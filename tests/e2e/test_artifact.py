"""The built artifact issues tokens in the real Lambda runtime."""

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.build import ROOT
from local.lambda_runtime import lambda_runtime
from tests.e2e.conftest import Deployed, needs_emulator
from tests.factories import APP_ID, SECRET, TRIGGERS, sample_event, token_event, without_caller
from tests.independent import open_token
from zego_token import room_payload

pytestmark = needs_emulator


def body_of(answer: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer["body"])
    return body


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize(
    ("case", "version", "mode"),
    [("token03", "03", "cbc"), ("token04_basic", "04", "gcm"), ("token04_room", "04", "gcm")],
)
def test_it_issues_tokens_that_open_independently(
    deployed: Deployed, trigger: str, case: str, version: str, mode: str
) -> None:
    answer = deployed.function.invoke(sample_event(f"{trigger}_{case}"))

    assert answer["statusCode"] == 200
    opened = open_token(body_of(answer)["token"], SECRET)
    assert (opened.version, opened.mode, opened.content["user_id"]) == (version, mode, "alice")


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_it_refuses_what_is_wrong(deployed: Deployed, trigger: str) -> None:
    bad = deployed.function.invoke(sample_event(f"{trigger}_bad_input"))
    nobody = deployed.function.invoke(without_caller(token_event(trigger)))
    unknown = deployed.function.invoke(token_event(trigger, {"app_id": 5}))

    assert [answer["statusCode"] for answer in (bad, nobody, unknown)] == [400, 401, 404]
    assert body_of(bad)["field"] == "app_id"


def test_it_logs_in_json_and_keeps_tokens_to_itself(deployed: Deployed) -> None:
    token = body_of(deployed.function.invoke(token_event(fields={"user_id": "logged"})))["token"]

    written = deployed.log.read_text()
    assert '"user_id":"logged"' in written
    assert '"TokensIssued":[1.0]' in written
    assert SECRET not in written
    assert token[2:60] not in written


@pytest.mark.parametrize(
    "settings",
    [
        {"POWERTOOLS_DEBUG": "true"},
        {"POWERTOOLS_DEV": "true"},
        {"POWERTOOLS_LOGGER_LOG_EVENT": "true"},
        # what Lambda sets for LogFormat: JSON with ApplicationLogLevel: DEBUG
        {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "DEBUG"},
    ],
)
def test_it_does_so_when_it_is_told_to_be_noisy(
    artifact: Path, deployed: Deployed, tmp_path: Path, settings: dict[str, str]
) -> None:
    environment = {
        "AWS_ENDPOINT_URL": deployed.aws_url,
        "ZEGO_DEFAULT_APP_ID": str(APP_ID),
        "POWERTOOLS_LOG_LEVEL": "DEBUG",
        **settings,
    }
    log = tmp_path / "log"

    with log.open("wb") as logs, lambda_runtime(artifact, environment, logs) as function:
        token = body_of(function.invoke(token_event(fields={"payload": room_payload("demo")})))["token"]
        function.invoke(token_event(fields={"payload": room_payload("demo"), "room_id": "demo"}))

    written = log.read_text()
    assert "token decision" in written
    for hidden in (SECRET, "stream_id_list", token[2:60]):
        assert hidden not in written


def test_a_wrong_setting_stops_it_at_start_with_a_clear_message(
    artifact: Path, aws_url: str, tmp_path: Path
) -> None:
    environment = {"AWS_ENDPOINT_URL": aws_url, "ZEGO_TOKEN_CIPHER": "des"}
    log = tmp_path / "log"

    with log.open("wb") as logs, lambda_runtime(artifact, environment, logs) as function:
        answer = function.invoke(token_event())

    assert answer["errorType"] == "SettingsError"
    assert answer["errorMessage"] == "ZEGO_TOKEN_CIPHER must be gcm or cbc"


def test_it_holds_no_tests_and_only_bytecode_that_is_never_stale(artifact: Path) -> None:
    names = {path.name for path in artifact.rglob("*") if path.is_dir()}
    assert not names & {"tests", "test", "SelfTest"}
    compiled = list(artifact.rglob("*.pyc"))
    assert len(compiled) > 500
    assert not any(str(ROOT).encode() in path.read_bytes() for path in compiled)
    for path in compiled:
        # PEP 552: bit 0 says that the source's hash is inside, bit 1 that it is to be checked
        assert struct.unpack("<I", path.read_bytes()[4:8]) == (0b01,), path


def test_the_artifact_for_aws_is_arm64_whatever_this_machine_is(tmp_path: Path) -> None:
    sam = str(Path(sys.executable).with_name("sam"))
    command = [sam, "build", "ZegoTokenLayer", "--build-dir", str(tmp_path / "build")]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    libraries = list((tmp_path / "build").rglob("*.so"))
    assert libraries
    for library in libraries:
        machine = struct.unpack("<H", library.read_bytes()[18:20])
        assert machine == (0xB7,), library  # EM_AARCH64
        assert "abi3" in library.name or "cpython-313" in library.name, library
    is_compiled = bool(list((tmp_path / "build").rglob("*.pyc")))
    assert ("Notice: no Python 3.13 here" in done.stdout + done.stderr) is not is_compiled
