"""The built artifact issues tokens in the real Lambda runtime."""

import json
import os
import shutil
import ssl
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


def test_it_has_no_page_of_the_console(artifact: Path) -> None:
    names = {path.name for path in artifact.rglob("*")}

    assert "app.py" in names
    assert not {path.name for path in (ROOT / "local" / "pages").iterdir()} & names
    assert not [name for name in names if name.endswith((".html", ".css", ".js"))]


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


def test_bytecode_is_used_and_sources_are_not_looked_at(
    artifact: Path, stack_url: str, tmp_path: Path
) -> None:
    # given: a copy whose own sources stop whoever compiles them
    copy = tmp_path / "build"
    for folder in ("TokenApiFunction", "ZegoTokenLayer"):
        shutil.copytree(artifact / folder, copy / folder)
    sources = [
        path for path in copy.rglob("*.py") if path.parts[-2] in ("token_api", "zego_service", "zego_token")
    ]
    assert len(sources) > 30
    for source in sources:
        source.write_text("raise SystemExit('the source was compiled')\n")
    environment = {"AWS_ENDPOINT_URL": stack_url, "ZEGO_DEFAULT_APP_ID": str(APP_ID)}

    # when
    with (tmp_path / "log").open("wb") as log, lambda_runtime(copy, environment, log) as function:
        answer = function.invoke(token_event())

    # then
    assert answer["statusCode"] == 200


def test_the_layer_has_the_roots_of_aws_and_no_others(artifact: Path) -> None:
    pem = artifact / "ZegoTokenLayer" / "python" / "zego_service" / "amazon_roots.pem"

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(pem)

    names = {dict(part[0] for part in root["subject"])["commonName"] for root in context.get_ca_certs()}  # type: ignore[misc]
    assert names == {
        *(f"Amazon Root CA {number}" for number in (1, 2, 3, 4)),
        "Starfield Services Root Certificate Authority - G2",
    }


SHIM = "#!/bin/sh\necho 'python3.13: command not found' >&2\nexit 127\n"
PRETENDER = "#!/bin/sh\nexit 0\n"


@pytest.mark.parametrize("script", [SHIM, PRETENDER], ids=["a shim", "one that does nothing"])
@pytest.mark.parametrize("strict", ["1", ""])
def test_a_build_without_the_runtimes_python_says_so_or_fails(
    tmp_path: Path, script: str, strict: str
) -> None:
    # given: something that has the name of the runtime's Python, and no other Python of its version
    for name in ("python3.13", "other"):
        shim = tmp_path / name
        shim.write_text(script)
        shim.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "STRICT": strict}
    target = tmp_path / "artifacts"
    target.mkdir()
    command = ["make", "build-TokenApiFunction", f"ARTIFACTS_DIR={target}", f"PYTHON={tmp_path / 'other'}"]

    # when
    done = subprocess.run(
        command, cwd=ROOT / "functions", env=environment, capture_output=True, text=True, check=False
    )

    # then
    assert "Notice: no Python 3.13 here that works, so the function is NOT PRECOMPILED." in done.stdout
    assert (done.returncode != 0) is bool(strict)
    assert (target / "token_api" / "app.py").is_file()
    assert not list(target.rglob("*.pyc"))


@pytest.mark.exploration
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
