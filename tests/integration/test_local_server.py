"""`make run` over real sockets: which pages and names it takes, what events need, how long it waits."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from werkzeug.serving import BaseWSGIServer

from local import server as local_server
from local.access import Access, guarded
from local.gateway import MAX_EVENT_BYTES, gateway, with_events
from local.jwt_authorizer import JwtAuthorizer
from local.run import SERVICE_SCOPE, listen
from local.server import server_over

NOT_FOUND = {"statusCode": 404, "headers": {"Content-Type": "application/json"}, "body": "{}"}
EVENT = json.dumps({"detail-type": "Zego Room Cancelled", "detail": {}}).encode()
JSON = {"Content-Type": "application/json"}
PATHS = ["/v1/health", "/v1/tokens", "/openapi.json", "/local/events", "/nowhere"]

Serve = Callable[..., "Running"]


class Running:
    """A server, and what reached the functions behind it."""

    def __init__(self, server: BaseWSGIServer, authorizer: JwtAuthorizer, events: list[Any]) -> None:
        self._server = server
        self.authorizer = authorizer
        self.events = events

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def raw(self, data: bytes) -> bytes:
        """All that is answered to these bytes, until the connection is closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(data)
            return read_all(connection)

    def __call__(
        self, path: str, headers: Mapping[str, str | None], method: str = "GET", body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """The answer to a request; a header that is None is left out."""
        lengths = {"Content-Length": str(len(body))} if body else {}
        fields = {"Host": f"localhost:{self.port}", **lengths, **headers}
        lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""])
        answer, _, content = self.raw(head.encode("latin-1") + body).partition(b"\r\n\r\n")
        first, *rest = answer.decode("latin-1").split("\r\n")
        named = (line.partition(": ")[::2] for line in rest)
        return int(first.split()[1]), {name.lower(): value for name, value in named}, content

    def of_service(self) -> dict[str, str]:
        return self.bearer(SERVICE_SCOPE)

    def bearer(self, scope: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.authorizer.issue('somebody', scope)}"}


def read_all(connection: socket.socket) -> bytes:
    answer = b""
    while chunk := connection.recv(65_536):
        answer += chunk
    return answer


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server with these names and origins, on this address."""
    running: list[tuple[BaseWSGIServer, threading.Thread]] = []

    def start(host: str = "127.0.0.1", **variables: str) -> Running:
        authorizer, events = JwtAuthorizer(), []
        listener = listen(0, host)
        access = Access.from_environment(variables, host, listener.getsockname()[0])
        application = gateway(lambda _event, _context: NOT_FOUND, authorizer)

        def provision(event: Any, _context: object) -> dict[str, Any]:
            events.append(event)
            return {"outcome": "applied"}

        server = server_over(guarded(with_events(application, provision, authorizer), access), listener)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        running.append((server, thread))
        return Running(server, authorizer, events)

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "localhost.", "localhost:1", "127.0.0.1", "127.0.0.1:3000", "127.1.2.3", "[::1]",
     "[::1]:3000", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"],
)  # fmt: skip
def test_names_of_this_machine_are_taken(serve: Serve, host: str) -> None:
    assert serve()("/v1/health", {"Host": host})[0] == 404


@pytest.mark.parametrize(
    "host",
    [None, "", "0.0.0.0",  # noqa: S104
     "evil.example", "evil.example:3000", "localhost.evil.example", "127.0.0.1.nip.io", "192.168.1.5",
     "[2001:db8::1]", "localhost@evil.example", "evil.example#localhost", "localhost, evil.example",
     "localhost:x", "[::ffff:192.168.1.5]", "2130706433", "127.1", "\xe4", "a" * 300],
)  # fmt: skip
def test_other_names_are_refused_on_every_path(serve: Serve, host: str | None) -> None:
    # given: what a page sends whose name was made to mean 127.0.0.1
    running = serve()

    # when
    answers = [running(path, {**running.of_service(), "Host": host}) for path in PATHS]

    # then
    assert [status for status, _, _ in answers] == [403] * len(PATHS)
    assert "HOSTS=" in json.loads(answers[0][2])["message"]


def test_two_hosts_are_refused(serve: Serve) -> None:
    answer = serve().raw(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")

    assert b" 403 " in answer.partition(b"\r\n")[0]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /v1/health HTTP/1.0\r\n", b"403"),
        (b"GET /v1/health HTTP/1.0\r\nHost: localhost\r\n", b"404"),
        (b"GET http://evil.example/v1/health HTTP/1.1\r\nHost: localhost\r\n", b"403"),
        (b"GET http://localhost/v1/health HTTP/1.1\r\nHost: evil.example\r\n", b"404"),
    ],
)
def test_old_and_absolute_requests_name_a_host_too(serve: Serve, line: bytes, status: bytes) -> None:
    assert serve().raw(line + b"\r\n").split()[1] == status


def test_hosts_and_the_bound_address_are_taken(serve: Serve) -> None:
    named = serve(HOSTS="Dev.example.com, other.test")
    elsewhere = serve("127.0.0.2")

    assert named("/v1/health", {"Host": "dev.example.com:3000"})[0] == 404
    assert named("/v1/health", {"Host": "other.test."})[0] == 404
    assert named("/v1/health", {"Host": "sub.dev.example.com"})[0] == 403
    with socket.create_connection(("127.0.0.2", elsewhere.port)) as connection:
        connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n")
        assert b"404" in read_all(connection).partition(b"\r\n")[0]


def test_bound_to_every_address_it_takes_the_one_that_was_asked(serve: Serve) -> None:
    running = serve("0.0.0.0")  # noqa: S104

    assert running("/v1/health", {"Host": f"127.0.0.1:{running.port}"})[0] == 404
    assert running("/v1/health", {"Host": "192.168.77.5"})[0] == 403
    assert running("/v1/health", {"Host": "evil.example"})[0] == 403


@pytest.mark.parametrize(
    ("origin", "taken"),
    [
        ("http://localhost:5173", True),
        ("http://127.0.0.1", True),
        ("https://[::1]:8443", True),
        ("https://app.example.com", True),
        ("HTTPS://App.Example.com", True),
        ("null", False),
        ("", False),
        ("https://evil.example", False),
        ("https://app.example.com.evil.example", False),
        ("http://app.example.com", False),
        ("https://app.example.com:444", False),
        ("http://localhost.evil.example", False),
        ("http://localhost@evil.example", False),
        ("file://localhost", False),
        ("chrome-extension://localhost", False),
        ("http://localhost, https://evil.example", False),
    ],
)
def test_pages_are_known_by_their_origin_on_every_path(serve: Serve, origin: str, taken: bool) -> None:
    running = serve(CORS="https://app.example.com,https://other.example.com")

    for path in PATHS:
        status, headers, _ = running(path, {**JSON, "Origin": origin, **running.of_service()}, "POST", EVENT)

        assert (status != 403) is taken
        assert headers.get("access-control-allow-origin") == (origin if taken else None)
    assert len(running.events) == (1 if taken else 0)


# By a page's own code, an AWS SDK, Sentry and OpenTelemetry.
ADDED = ("authorization", "content-type", "amz-sdk-invocation-id", "amz-sdk-request", "x-amz-user-agent",
         "sentry-trace", "baggage", "traceparent", "tracestate")  # fmt: skip


def test_preflights_of_known_pages_are_answered_without_authorization(serve: Serve) -> None:
    running = serve()
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": ",".join(ADDED)}

    status, headers, _ = running("/v1/tokens", {"Origin": "http://localhost:5173", **asked}, "OPTIONS")
    refused = running("/v1/tokens", {"Origin": "https://evil.example", **asked}, "OPTIONS")

    assert (status, headers["access-control-allow-origin"]) == (204, "http://localhost:5173")
    assert set(ADDED) <= set(headers["access-control-allow-headers"].split(", "))
    assert headers["access-control-expose-headers"] == "date, retry-after"
    assert refused[0] == 403


@pytest.mark.parametrize(
    ("variable", "value"),
    [("HOSTS", "http://dev.example.com"), ("HOSTS", "a b"), ("CORS", "app.example.com"), ("CORS", "*"),
     ("CORS", "https://*.example.com"), ("CORS", "https://app.example.com/")],
)  # fmt: skip
def test_wrong_names_and_origins_are_explained(variable: str, value: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        Access.from_environment({variable: f"{value}"})

    assert f"{variable}={value}" in str(stopped.value)


def test_events_need_what_other_routes_need(serve: Serve) -> None:
    running = serve()

    def send(headers: Mapping[str, str], body: bytes = EVENT, method: str = "POST") -> int:
        return running("/local/events", headers, method, body)[0]

    service = running.of_service()
    assert send(JSON) == 401
    assert send(JSON | {"Authorization": "Bearer x"}) == 401
    assert send(JSON | running.bearer("zego:publish")) == 403  # a user may not grant itself a room
    assert send(service) == 415
    assert send(service | {"Content-Type": "text/plain"}) == 415
    assert send(service | JSON, method="PUT") == 405
    assert running.events == []
    assert send(service | JSON) == 200
    assert len(running.events) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"\xff\xfe", b'{"a":NaN}', b"[" * 100_000])
def test_an_event_that_is_no_json_object_is_a_400(serve: Serve, body: bytes) -> None:
    running = serve()

    status, _, content = running("/local/events", JSON | running.of_service(), "POST", body)

    assert (status, running.events) == (400, [])
    assert "JSON object" in json.loads(content)["message"]


def test_a_large_event_is_a_413(serve: Serve) -> None:
    running = serve()
    most = b'{"detail": "' + b"x" * (MAX_EVENT_BYTES - 14) + b'"}'
    chunked = JSON | running.of_service() | {"Transfer-Encoding": "chunked", "Content-Length": None}

    assert running("/local/events", JSON | running.of_service(), "POST", most)[0] == 200
    assert running("/local/events", JSON | running.of_service(), "POST", most + b" ")[0] == 413
    pieces = b"".join(b"8000\r\n" + b" " * 0x8000 + b"\r\n" for _ in range(20)) + b"0\r\n\r\n"
    assert running("/local/events", chunked, "POST", pieces)[0] == 413


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\n"
     b"Content-Length: 9\r\n\r\n{"],
)  # fmt: skip
def test_a_silent_connection_is_closed(serve: Serve, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_server, "REQUEST_SECONDS", 0.3)

    answer = serve().raw(sent)

    assert answer == b"" or b" 400 " in answer.partition(b"\r\n")[0]


def test_a_slow_connection_is_closed_though_it_sends_on(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_server, "REQUEST_SECONDS", 0.5)
    running = serve()
    started = time.monotonic()

    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        connection.settimeout(0.05)
        ended = False
        while not ended and time.monotonic() - started < 5:
            try:
                connection.sendall(b"x")
                ended = connection.recv(1) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                ended = True

    assert ended
    assert time.monotonic() - started < 4
