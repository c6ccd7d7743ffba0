"""`zego-token` as people run it: in pipes, and in a terminal."""

import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.factories import ROOT

COMMAND = [sys.executable, "-m", "zego_cli"]
# Makes its standard input the terminal that Ctrl-C comes from, as a shell does, and lets Ctrl-C end it. Tests that
# run in the background would pass an ignored SIGINT on.
_OWNING_ITS_TERMINAL = (
    "import fcntl, runpy, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('zego_cli', run_name='__main__', alter_sys=True)"
)
_SECONDS = 60


def environment(**variables: str) -> dict[str, str]:
    """A shell without keys of ZEGO or AWS."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("ZEGO_", "AWS_", "COV_"))
    }
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("cli", "layers/zego_token"))
    return {**kept, "PYTHONPATH": paths, "AWS_CONFIG_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull, **variables}  # fmt: skip


def piped(*arguments: str, given: str = "", **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run it between pipes, without a terminal."""
    return subprocess.run(
        [*COMMAND, *arguments],
        input=given,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
        start_new_session=True,  # so that there is no terminal to ask at
    )


@dataclass
class Terminal:
    """A running command whose terminal a test reads and types at."""

    process: "subprocess.Popen[bytes]"
    master: int
    _seen: bytearray = field(default_factory=bytearray)

    @property
    def screen(self) -> str:
        return self._seen.decode(errors="replace")

    def wait_for(self, seen: Callable[[str], bool]) -> None:
        deadline = time.monotonic() + _SECONDS
        while not seen(self.screen):
            assert time.monotonic() < deadline, self.screen
            time.sleep(0.01)

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self) -> int:
        """The exit status, when all output is read."""
        status = self.process.wait(_SECONDS)
        self._reader.join(_SECONDS)
        return status

    def start_reading(self) -> None:
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        try:
            while piece := os.read(self.master, 65_536):
                self._seen.extend(piece)
        except OSError:  # the terminal was closed
            return


@contextmanager
def in_terminal(*arguments: str, **variables: str) -> Iterator[Terminal]:
    """Run it with a terminal as standard input, output and error."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _OWNING_ITS_TERMINAL, *arguments],
        env=environment(TERM="xterm-256color", COLUMNS="100", **variables),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    terminal = Terminal(process, master)
    terminal.start_reading()
    try:
        yield terminal
    finally:
        process.kill()
        process.wait()
        terminal._reader.join()
        os.close(master)
