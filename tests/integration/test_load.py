"""What `make load` sees of a server: how long answers take, which are errors, and how many come at once."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import load
from benchmarks.targets import Target
from local.lambda_runtime import free_port

TOKEN = b'{"token": "04AAAAtoken"}'


class Server:
    """Answers with what it is told to, in turns, and counts the requests that it answers at a time."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.answers = answers
        self.requests = 0
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self.together: threading.Barrier | None = None

    def answer(self) -> tuple[int, bytes]:
        with self._lock:
            number, self.requests = self.requests, self.requests + 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        if self.together is not None and number < self.together.parties:
            self.together.wait(30)
        with self._lock:
            self._at_once -= 1
        return self.answers[number % len(self.answers)]


@contextmanager
def serving(server: Server) -> Iterator[Target]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = server.answer()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            url = f"http://127.0.0.1:{http.server_address[1]}/v1/tokens"
            yield Target("a server", (url,), b"{}", (os.getpid(),))
        finally:
            http.shutdown()
            thread.join()


def test_every_answer_is_counted_and_those_without_a_token_are_errors() -> None:
    server = Server((200, TOKEN), (500, TOKEN), (200, b"{}"), (429, b""))
    with serving(server) as target:
        seen = load._put_under_load(target, clients=1, seconds=0.2)

    assert len(seen.seconds) == server.requests >= 4
    assert seen.errors == server.requests - (server.requests + 3) // 4


def test_so_many_clients_ask_at_once() -> None:
    server = Server((200, TOKEN))
    server.together = threading.Barrier(5)  # each waits until there are five
    with serving(server) as target:
        seen = load._put_under_load(target, clients=5, seconds=0.2)

    assert server.most_at_once == 5
    assert seen.errors == 0


def test_a_server_that_is_not_there_is_an_error() -> None:
    target = Target("nobody", (f"http://127.0.0.1:{free_port()}/",), b"{}", (os.getpid(),))

    seen = load._put_under_load(target, clients=2, seconds=0.05)

    assert seen.errors == len(seen.seconds) >= 2


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 51), (99, 100), (100, 100)])
def test_percentiles(percent: int, expected: int) -> None:
    seen = load.Seen([number / 1000 for number in range(100, 0, -1)])

    assert seen.milliseconds(percent) == pytest.approx(expected)


def test_memory_that_a_process_takes_is_seen() -> None:
    # given a process of its own: in this one a block may fit into memory that was freed before
    wait = "print(flush=True); sys.stdin.readline()"
    take = f"import sys; {wait}; block = b'x' * 2**25; {wait}"
    with subprocess.Popen(
        [sys.executable, "-c", take], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        before = load._memory((process.pid,))

        # when it has taken 32 MiB
        print(file=process.stdin, flush=True)
        process.stdout.readline()
        after = load._memory((process.pid,))
        process.stdin.close()

    # then they are seen
    assert after - before == pytest.approx(2**25, rel=0.1)
