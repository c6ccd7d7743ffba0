"""The lines of `make run` for requests: the reason of those refused, never a token, as wide as the terminal."""

import json
import logging
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from local import access_log, terminal
from local.access_log import WarningFormatter, logged
from tests.factories import APP_ID, SECRET
from zego_token import generate_token04

TOKEN = generate_token04(APP_ID, "alice", SECRET, 3600)
SLASHES = "04AAAAAG" + "sG8XIADN95uPK7nkRi2H2/" * 12
Log = Callable[..., str]


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Log:
    """The line for a request and its answer, without the time."""

    def line(status: int, body: Any, path: str = "/v1/tokens", method: str = "POST") -> str:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = Client(logged(Response(content, status))).open(path, method=method)
        assert answer.data == (b"" if method == "HEAD" else content)
        (written,) = capsys.readouterr().err.splitlines()
        time, rest = written.split("  ", 1)
        assert re.fullmatch(r"\d\d:\d\d:\d\d", time)
        return str(rest)

    return line


def test_the_files_of_a_page_have_no_line_unless_they_are_refused(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    Client(logged(Response("x", 200))).get("/console/console.js")

    assert capsys.readouterr().err == ""
    assert log(403, {"message": "no"}, "/console/console.js", "GET") == "403  GET /console/console.js  no"
    assert log(200, {}, "/local/console", "GET") == "200  GET /local/console"


@pytest.mark.parametrize(
    ("status", "body", "line"),
    [
        (200, {"token": TOKEN}, "200  POST /v1/tokens"),
        (400, {"field": "app_id", "detail": "app_id must be 1"}, "400  POST /v1/tokens  app_id must be 1"),
        (400, {"field": "zzz", "detail": "not known"}, "400  POST /v1/tokens  zzz: not known"),
        (403, {"rule": "no-grant", "field": "room_id", "detail": "there is none"},
         "403  POST /v1/tokens  no-grant: there is none"),
        (401, {"message": "Unauthorized"}, "401  POST /v1/tokens  Unauthorized"),
        (500, b"<html>", "500  POST /v1/tokens"),
        (400, [], "400  POST /v1/tokens"),
    ],
)  # fmt: skip
def test_a_line_has_the_reason_of_a_refusal(log: Log, status: int, body: Any, line: str) -> None:
    assert log(status, body) == line


def test_a_query_is_left_out(log: Log) -> None:
    assert log(204, b"", f"/v1/revocations?user_id={TOKEN}", "DELETE") == "204  DELETE /v1/revocations"


@pytest.mark.parametrize(
    "secret", [TOKEN, SLASHES, SECRET, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"]
)
def test_no_line_holds_a_token_a_jwt_or_a_secret(log: Log, secret: str) -> None:
    in_path = log(404, {"detail": "no such route"}, f"/v1/tokens/{secret}")
    in_field = log(400, {"field": secret, "detail": f"the field {secret!r} is not known"})

    for line in (in_path, in_field):
        assert secret not in line
        assert not any(secret[start : start + 48] in line for start in range(max(len(secret) - 47, 1)))
    assert in_path.endswith("no such route")
    assert "is not known" in in_field


def test_nothing_in_a_line_controls_the_terminal(log: Log) -> None:
    assert log(400, {"field": "\x1b[2J\r", "detail": "no"}).isprintable()


def test_a_request_that_fails_is_a_500(capsys: pytest.CaptureFixture[str]) -> None:
    def failing(_environ: object, _start: object) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Client(logged(failing)).get("/v1/health")

    assert capsys.readouterr().err.endswith("  500  GET /v1/health\n")


@pytest.mark.parametrize("width", [80, 120])
def test_a_line_is_as_wide_as_the_terminal(log: Log, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(access_log, "is_terminal", lambda _stream: True)
    monkeypatch.setattr(access_log, "columns", lambda _stream: width)

    line = log(403, {"rule": "no-grant", "detail": "no grant " * 40})

    assert len(f"13:10:42  {line}") == width
    assert line.startswith("403  POST /v1/tokens  no-grant: no grant")
    assert line.endswith("…")


def test_the_status_of_a_refusal_is_red_on_a_terminal(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "is_terminal", lambda _stream: True)

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert log(403, {}).startswith("\x1b[1;31m403\x1b[0m  POST")
    assert "\x1b" not in log(200, {})
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in log(403, {})


def test_warnings_of_the_service_are_lines_for_people() -> None:
    try:
        raise ValueError("why")
    except ValueError:
        error = sys.exc_info()
    plain, failed = (
        WarningFormatter().format(logging.LogRecord("x", logging.WARNING, "x.py", 1, "no value", None, info))
        for info in (None, error)
    )

    assert re.fullmatch(r"\d\d:\d\d:\d\d  warning: no value", plain)
    assert "Traceback" in failed
    assert failed.endswith("ValueError: why")
