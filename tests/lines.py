"""A server on the loopback interface that says byte for byte what a test tells it to."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Talk = Callable[[socket.socket, "Line"], None]


@dataclass
class Line:
    """What came in, and how often somebody connected."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    def read_request(self, connection: socket.socket) -> bytes:
        """One request with its body; empty at the end of the connection."""
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65_536)
            if not part:
                return b""
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [
            line.partition(b":")[2]
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ]
        while len(body) < int(lengths[0]):
            body += connection.recv(65_536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]


def answer(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@contextmanager
def serving(talk: Talk, context: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> Iterator[Line]:
    """Serve until the test ends; ``talk`` is called for each connection, in a thread of its own."""
    listener = socket.create_server((address, 0))
    line = Line(listener.getsockname()[1])
    threads: list[threading.Thread] = []
    accepted: list[socket.socket] = []

    def converse(plain: socket.socket) -> None:
        with suppress(OSError), plain:
            connection = context.wrap_socket(plain, server_side=True) if context else plain
            accepted.append(connection)
            with connection:
                talk(connection, line)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(10)
                line.connections += 1
                threads.append(threading.Thread(target=converse, args=(connection,)))
                threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield line
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for connection in accepted:
            with suppress(OSError):  # it has ended
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
