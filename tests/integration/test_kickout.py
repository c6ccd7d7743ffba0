"""Removing a user from a room by ZEGO's server API, against a server that checks the signature."""

import hashlib
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api import Api, create_api
from tests.factories import APP_ID, OPEN_SETTINGS, SECRET, FakeContext
from tests.output import Written
from tests.revocation_requests import HOUR, revocations_event
from zego_service.issuing import kickout
from zego_service.issuing.kickout import signature

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

POLL_SECONDS = 0.01  # so that it shuts down at once


class ServerApi(BaseHTTPRequestHandler):
    """As much of ZEGO's server API as KickoutUser needs."""

    calls: ClassVar[list[dict[str, str]]] = []
    answer: ClassVar[tuple[int, bytes]] = (200, b'{"Code":0,"Message":"success","RequestId":"1"}')

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.calls.append(query)
        parts = query["AppId"] + query["SignatureNonce"] + SECRET + query["Timestamp"]
        status, body = self.answer
        if query["Signature"] != hashlib.md5(parts.encode()).hexdigest():  # noqa: S324
            body = b'{"Code":100000004,"Message":"signature error"}'
        self.send_response(status)
        if status == 302 and len(self.calls) == 1:
            self.send_header("Location", self.path)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    monkeypatch.setattr(ServerApi, "calls", [])
    with HTTPServer(("127.0.0.1", 0), ServerApi) as server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def api(secrets_manager: "SecretsManagerClient", server: HTTPServer) -> Api:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    url = f"http://127.0.0.1:{server.server_port}"
    return create_api(secrets_manager, replace(OPEN_SETTINGS, server_api=url))


def kick(api: Api, **fields: Any) -> Any:
    body = {"user_id": "eve", "room_id": "de+mo", "until": HOUR, "kick": True, **fields}
    return api(revocations_event("POST", body=body))


def test_the_signature_is_known() -> None:
    known = signature(12345, "4fd24687296dd9f3", "9193cc662a4c0ec135ec71fb57194b38", 1615186943)

    assert known == "43e5cfcca828314675f91b001390566a"


def test_the_user_is_removed(api: Api, written: Written) -> None:
    answer = kick(api)

    assert (answer.status, answer.json["kicked"]) == (201, True)
    assert "not in the room" in answer.json["note"]
    (call,) = ServerApi.calls
    assert (call["Action"], call["RoomId"], call["UserId[]"]) == ("KickoutUser", "de+mo", "eve")
    assert call["SignatureVersion"] == "2.0"
    assert re.fullmatch("[0-9a-f]{16}", call["SignatureNonce"])
    assert SECRET not in written() + answer.text


def test_nobody_is_removed_unasked(api: Api) -> None:
    assert "kicked" not in kick(api, kick=False).json
    assert not ServerApi.calls


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, b'{"Code":104,"Message":"no such room"}'), "104"),
        ((200, b'{"Code":"0"}'), "no code"),
        ((200, b"oops"), "cannot be reached"),
        ((200, b"[]"), "cannot be reached"),
        ((500, b"{}"), "cannot be reached"),
        ((302, b"{}"), "cannot be reached"),
        ((200, b"[" * 60_000), "cannot be reached"),
        ((200, b" " * 70_000), "cannot be reached"),
    ],
)
def test_the_revocation_stands_where_zego_refuses(
    api: Api, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, bytes], said: str
) -> None:
    monkeypatch.setattr(ServerApi, "answer", answer)

    told = kick(api)

    assert (told.status, told.json["kicked"]) == (201, False)
    assert said in told.json["kick_error"]
    assert len(ServerApi.calls) == 1  # no redirect is followed
    assert len(api(revocations_event("GET")).json["revocations"]) == 1


@pytest.mark.parametrize("fields", [{"kick": 1}, {"kick": None}, {"kick": "true"}])
def test_kick_is_a_boolean(api: Api, fields: dict[str, Any]) -> None:
    answer = kick(api, **fields)

    assert (answer.status, answer.json["field"]) == (400, "kick")


@pytest.mark.parametrize("body", [{"user_id": "eve"}, {"room_id": "demo"}])
def test_kick_needs_a_user_and_a_room(api: Api, body: dict[str, str]) -> None:
    answer = api(revocations_event("POST", body=json.dumps({**body, "until": HOUR, "kick": True})))

    assert (answer.status, answer.json["field"]) == (400, "kick")
    assert not api(revocations_event("GET")).json["revocations"]


class Dripping:
    """A server that sends a byte now and then, and never ends; ``first`` is sent at once."""

    def __init__(self, first: bytes) -> None:
        self._first = first
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(5)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except TimeoutError:
            return
        with connection:
            try:
                connection.sendall(self._first)
                while not self._stopped.wait(0.05):
                    connection.sendall(b"x")
            except ConnectionError:
                self._stopped.wait()


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\nX-Filler: ", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"],
    ids=["status line", "headers", "body", "body of a length"],
)  # fmt: skip
def test_a_server_that_drips_is_given_up_in_time(
    secrets_manager: "SecretsManagerClient", first: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kickout, "MOST_SECONDS", 0.5)
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    with Dripping(first) as server:
        api = create_api(secrets_manager, replace(OPEN_SETTINGS, server_api=server.url))
        started = time.monotonic()

        answer = kick(api)

        assert time.monotonic() - started < 3
    assert (answer.status, answer.json["kicked"]) == (201, False)
    assert "cannot be reached" in answer.json["kick_error"]


class Hurried(FakeContext):
    """A request of which Lambda leaves this much time for others."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 4_000


def test_zego_is_asked_no_longer_than_the_request_has(
    secrets_manager: "SecretsManagerClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: less time for all calls than ZEGO would be given
    monkeypatch.setattr(kickout, "MOST_SECONDS", 30)
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    with Dripping(b"") as server:
        api = create_api(secrets_manager, replace(OPEN_SETTINGS, server_api=server.url))
        body = {"user_id": "eve", "room_id": "demo", "until": HOUR, "kick": True}
        started = time.monotonic()

        answer = api._handler(revocations_event("POST", body=body), Hurried())

        assert time.monotonic() - started < 4
    assert answer["statusCode"] == 201
    assert json.loads(answer["body"])["kicked"] is False
