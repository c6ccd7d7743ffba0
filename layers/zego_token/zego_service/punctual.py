"""Connections that end in time, although the other side sends a byte now and then.

A socket's own timeout counts from each byte, so that an answer can take any time.
"""

import io
import socket
import time
from typing import IO, Any


class PunctualSocket:
    """A connected socket for :mod:`http.client`. After its time, reading and writing raise TimeoutError."""

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        self._connected = connected
        self.end_within(seconds)

    def end_within(self, seconds: float) -> None:
        """Set the time for all that follows."""
        self._ends_at = time.monotonic() + seconds

    def limit(self) -> None:
        """Let the next read or write end in time."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the other side did not answer in time")
        self._connected.settimeout(left)

    def sendall(self, data: bytes) -> None:
        """Send all of the data."""
        self.limit()
        self._connected.sendall(data)

    def makefile(self, _mode: str = "rb") -> IO[bytes]:
        """A file to read from."""
        return io.BufferedReader(_Reads(self, self._connected.makefile("rb", buffering=0)))

    def fileno(self) -> int:
        """The number of the socket, to wait for it."""
        return self._connected.fileno()

    def close(self) -> None:
        """Close the socket, when no file reads from it any more."""
        self._connected.close()


class _Reads(io.RawIOBase):
    def __init__(self, owner: PunctualSocket, source: socket.SocketIO) -> None:
        self._owner = owner
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._owner.limit()
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()
