"""`make provision` in a process of its own, on a terminal and over an AWS on the loopback interface."""

import multiprocessing
import os
import pty
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import reduction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.commands import environment
from tests.factories import ROOT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


HEADER = "user_id,room_id,login,publish,stream_ids,starts_at,ends_at"
WINDOW = "2026-12-01T09:00:00Z,2026-12-01T10:30:00Z"
NEVER_OPEN = "2026-12-01T09:00:00Z,2026-12-01T08:00:00Z"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BUCKET = "rosters-of-a-stack"
INTERRUPTED = 130
Write = Callable[..., Path]


def rows(*rows: str) -> str:
    return "".join(f"{row}\n" for row in (HEADER, *rows))


def good_rows(count: int) -> list[str]:
    return [f"user-{number},room-{number // 10},yes,no,,{WINDOW}" for number in range(count)]


# What the Makefile runs, so that nothing hides its exit status.
COMMAND = [sys.executable, "-m", "local.provision"]


def shell(path: Path, **variables: str) -> dict[str, str]:
    paths = (ROOT / "functions", ROOT / "layers" / "zego_token", ROOT)
    return environment(PYTHONPATH=os.pathsep.join(map(str, paths)), FILE=str(path), **variables)


# Forks processes that have loaded already what takes most of the time, and nothing that reads the environment.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["boto3.s3.transfer", "moto.dynamodb.models", "moto.s3.models", "rich.progress"]
)


def provision(path: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """What `make provision FILE=path` does, with these variables."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        files = (reduction.DupFd(out.fileno()), reduction.DupFd(err.fileno()))
        process = _FORKS.Process(target=_provision, args=(shell(path, **variables), *files))
        process.start()
        process.join(timeout=300)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(COMMAND, process.exitcode or 0, out.read(), err.read())


def _provision(variables: dict[str, str], *files: Any) -> None:
    for number, file in enumerate(files, start=1):
        os.dup2(file.detach(), number)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(ROOT)
    from local.provision import main

    main()


@dataclass
class Aws:
    """An AWS on the loopback interface, where parts of uploads wait for ``release``."""

    url: str
    s3: "S3Client"
    part_began: threading.Event
    release: threading.Event
    requests: list[str] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.url, "NO_PROXY": "127.0.0.1"}

    def objects(self) -> list[str]:
        return [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]

    def unfinished_uploads(self) -> list[Any]:
        return list(self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ()))


@dataclass
class OnTerminal:
    """A command whose standard error is a terminal; its standard output goes to ``output``."""

    process: "subprocess.Popen[bytes]"
    output: Path
    written: bytearray

    def wait_for(self, seen: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not seen():
            assert self.process.poll() is None, self.terminal
            assert time.monotonic() < deadline, self.terminal
            time.sleep(0.01)

    @property
    def terminal(self) -> str:
        return self.written.decode(errors="replace")

    def interrupt(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)


@contextmanager
def on_terminal(output: Path, path: Path, **variables: str) -> Iterator[OnTerminal]:
    master, slave = pty.openpty()
    written = bytearray()

    def read() -> None:
        try:
            while piece := os.read(master, 65_536):
                written.extend(piece)
        except OSError:  # the terminal was closed
            return

    with output.open("wb") as stdout:
        process = subprocess.Popen(
            COMMAND,
            cwd=ROOT,
            env=shell(path, TERM="xterm", **variables),
            stdout=stdout,
            stderr=slave,
            start_new_session=True,
        )
    os.close(slave)
    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield OnTerminal(process, output, written)
    finally:
        process.kill()
        process.wait()
        reader.join()
        os.close(master)
