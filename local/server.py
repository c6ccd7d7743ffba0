"""The server of `make run`: it closes connections that are slow or silent."""

import io
import socket
import time
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local.access import LOCAL_ADDRESS
from local.access_log import write_line

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

REQUEST_SECONDS = 10.0  # in which a request must have arrived
ANSWER_SECONDS = 10.0  # in which a client must take a part of its answer
REST_SECONDS = 0.5  # in which the rest of a request is read that was answered before it ended


def server_over(application: "WSGIApplication", listener: socket.socket) -> BaseWSGIServer:
    """A server of one thread a connection. It takes the listening socket over."""
    host, port = listener.getsockname()[:2]
    with listener:
        return make_server(
            host, port, application, threaded=True, request_handler=PunctualHandler, fd=listener.fileno()
        )


class PunctualHandler(WSGIRequestHandler):
    """Handles the one request of a connection, if it arrives in time."""

    protocol_version = "HTTP/1.1"
    timeout = ANSWER_SECONDS

    def setup(self) -> None:
        super().setup()
        self._deadline = _Deadline(self.connection, REQUEST_SECONDS)
        self.rfile = io.BufferedReader(self._deadline)

    def end_headers(self) -> None:
        super().end_headers()
        self._deadline.end_within(REST_SECONDS)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: `local.access_log` writes a line for each request that reaches the application."""

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        write_line("400", "-", format % args)

    def make_environ(self) -> "WSGIEnvironment":
        return super().make_environ() | {
            LOCAL_ADDRESS: self.connection.getsockname()[0].removeprefix("::ffff:")
        }


class _Deadline(io.RawIOBase):
    """Reads from a connection. Raises TimeoutError after so many seconds in all."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self.end_within(seconds)

    def end_within(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request did not arrive in time")
        self._connection.settimeout(left)
        try:
            return self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(ANSWER_SECONDS)
