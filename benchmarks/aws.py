"""An AWS behind TLS, in a process of its own: `python -m benchmarks.aws {moto,stub,idle} FILE`.

``moto`` holds the stack of the demo app. ``stub`` answers every question at once and keeps connections.
``idle`` closes each connection after an answer, as AWS does when no request comes for some seconds.
FILE is a certificate with its key. The first line of the output is the port.
"""

import json
import logging
import ssl
import subprocess
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from local.aws import (
    DEMO_APP_ID,
    DEMO_SECRET,
    ZegoApp,
    create_stack,
    create_table,
    store_secret,
    use_local_credentials,
)

_ANSWERS = {
    "GetItem": {},
    "GetSecretValue": {"SecretString": DEMO_SECRET},
    "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
    "UpdateItem": {},
}


class Serving:
    """A serving process: its URL, and how to end it."""

    def __init__(self, kind: str, certificate: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.aws", kind, str(certificate)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = f"https://127.0.0.1:{first_line(self._process)}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()


def first_line(process: "subprocess.Popen[str]") -> str:
    """The first line that a process writes."""
    if process.stdout is None:
        raise ValueError
    return process.stdout.readline().strip()


def serve_moto(context: ssl.SSLContext) -> None:
    use_local_credentials()
    logging.getLogger("werkzeug").setLevel("ERROR")
    WSGIRequestHandler.protocol_version = "HTTP/1.1"  # which keeps connections
    application = DomainDispatcherApplication(create_backend_app)
    plain = make_server("127.0.0.1", 0, application, threaded=True)
    threading.Thread(target=plain.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{plain.server_port}"
    store_secret(ZegoApp(DEMO_APP_ID, DEMO_SECRET), url)
    create_table(url)
    create_stack(url)
    server = make_server("127.0.0.1", 0, application, threaded=True, ssl_context=context)
    print(server.server_port, flush=True)
    server.serve_forever()


class _Stub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    closes = False
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(_ANSWERS[self.headers["X-Amz-Target"].rpartition(".")[2]]).encode()
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
            f"Content-Length: {len(body)}\r\nx-amz-crc32: {zlib.crc32(body)}\r\n\r\n"
        )
        self.wfile.write(head.encode() + body)
        self.close_connection = self.closes

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class _Idle(_Stub):
    closes = True


class _TlsServer(ThreadingHTTPServer):
    """Does the handshake in the connection's own thread."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext, handler: type[_Stub]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_: object) -> None:
        """A client that has gone is no error here."""


def serve_stub(context: ssl.SSLContext, handler: type[_Stub]) -> None:
    server = _TlsServer(context, handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def main() -> None:
    kind, certificate = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if kind == "moto":
        serve_moto(context)
    else:
        serve_stub(context, _Idle if kind == "idle" else _Stub)


if __name__ == "__main__":
    main()
