"""`make run` and `make invoke`, as a person types them."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest

from local.aws import DEMO_APP_ID, DEMO_SECRET
from local.lambda_runtime import free_port
from tests.e2e.conftest import needs_emulator
from tests.factories import OTHER_SECRET, ROOT
from tests.independent import open_token

REAL_APP = {"ZEGO_APP_ID": "987654321", "ZEGO_SERVER_SECRET": OTHER_SECRET}


def environment(**variables: str) -> dict[str, str]:
    """As in a new shell: without what the outer make and pytest have set."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "ZEGO_"))
    }
    return {**kept, **variables}


def make(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )


class Running:
    """A `make run` that is serving."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, introduction: str) -> None:
        self.process = process
        self.port = port
        self.introduction = introduction

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, dict(headers or {"Content-Type": "application/json"}))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


@contextmanager
def make_run(**variables: str) -> Iterator[Running]:
    port = free_port()
    process = subprocess.Popen(
        ["make", "--no-print-directory", "run", f"PORT={port}"],
        cwd=ROOT,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    introduction = ""
    try:
        for line in process.stdout:
            introduction += line
            if line.startswith("Serving"):
                break
        yield Running(process, port, introduction)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=10)


def test_make_run_shows_a_request_and_its_token_and_serves() -> None:
    with make_run() as running:
        # it printed a token, and what is inside
        (token,) = re.findall(r"^  (04\S+)$", running.introduction, re.MULTILINE)
        assert open_token(token, DEMO_SECRET).plaintext in running.introduction
        assert f"curl http://127.0.0.1:{running.port}/v1/tokens" in running.introduction

        # it serves
        status, answer = running.request("POST", "/v1/tokens", b'{"user_id":"bob","room_id":"demo"}')
        assert status == 200
        assert open_token(answer["token"], DEMO_SECRET).content["user_id"] == "bob"
        assert running.request("GET", "/v1/health") == (200, {"status": "ok"})
        assert running.request("POST", "/v1/tokens", b"\xff\xfe")[0] == 400
        assert running.request("GET", "/nowhere")[0] == 404

        # it stops at Ctrl-C, and has written an access line for each request
        os.killpg(running.process.pid, signal.SIGINT)
        rest, _ = running.process.communicate(timeout=10)
    assert "Stopped." in rest
    assert '"POST /v1/tokens HTTP/1.1" 200' in rest
    assert "Traceback" not in rest


def test_make_run_takes_a_real_apps_credentials_and_does_not_show_the_secret() -> None:
    with make_run(**REAL_APP) as running:
        _, answer = running.request("POST", "/v1/tokens", b'{"user_id":"bob"}')

        assert open_token(answer["token"], OTHER_SECRET).content["app_id"] == 987654321
        assert OTHER_SECRET not in running.introduction


def test_make_run_says_when_the_port_is_busy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]

        done = make("run", PORT=str(port))

    assert done.returncode != 0
    assert f"Port {port} cannot be used" in done.stderr
    assert f"PORT={port + 1} make run" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"ZEGO_APP_ID": "1"}, "Set both"),
        ({"ZEGO_APP_ID": "x", "ZEGO_SERVER_SECRET": OTHER_SECRET}, "ZEGO_APP_ID: app_id must be"),
        ({"ZEGO_APP_ID": "1", "ZEGO_SERVER_SECRET": OTHER_SECRET * 2}, "AppSign"),
        ({"ZEGO_APP_ID": "1", "ZEGO_SERVER_SECRET": "short"}, "5 bytes long"),
    ],
)
@pytest.mark.parametrize("command", [("run",), ("invoke", "EVENT=events/http_api_token04_room.json")])
def test_wrong_credentials_are_explained(
    command: tuple[str, ...], variables: dict[str, str], message: str
) -> None:
    done = make(*command, **variables, PORT="0")

    assert done.returncode != 0
    assert message in done.stderr
    assert OTHER_SECRET not in done.stdout + done.stderr


@needs_emulator
@pytest.mark.parametrize(
    ("variables", "app_id", "secret"),
    [({}, DEMO_APP_ID, DEMO_SECRET), (REAL_APP, 987654321, OTHER_SECRET)],
)
def test_make_invoke_prints_the_functions_answer(variables: dict[str, str], app_id: int, secret: str) -> None:
    done = make("invoke", "EVENT=events/http_api_token04_room.json", **variables)

    assert done.returncode == 0, done.stderr
    answer = json.loads(json.loads(done.stdout)["body"])
    assert open_token(answer["token"], secret).content["app_id"] == app_id
    assert '"message":"token decision"' in done.stderr
    assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize("event", ["", "events/none.json", "Makefile"])
def test_make_invoke_says_which_event_it_needs(event: str) -> None:
    done = make("invoke", f"EVENT={event}")

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert event in done.stderr or "Name an event" in done.stderr


def test_make_help_lists_the_commands() -> None:
    done = make("help")

    assert {"run", "test", "lint", "invoke", "build", "deploy", "setup"} <= {
        line.split()[0] for line in done.stdout.splitlines()
    }
