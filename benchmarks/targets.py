"""What load goes to: the local API, and the artifact under one emulator for each request at a time."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.aws import Serving
from benchmarks.variants import EVENT, Bundles, ours
from local.certificates import Authority
from local.lambda_runtime import free_port, lambda_runtime

USER = {"jwt": {"claims": {"sub": "alice", "scope": "zego:publish"}, "scopes": None}}
_BODY = {"user_id": "alice", "room_id": "demo", "privilege": {"login": True, "publish": True}}


@dataclass(frozen=True)
class Target:
    """Where requests go, what they say, and the processes that serve them.

    A process of the artifact serves one request at a time, so that each client has its own.
    """

    name: str
    urls: tuple[str, ...]
    body: bytes
    processes: tuple[int, ...]
    start_cpu_seconds: float = 0  # until the first answer of a process
    logs: Path | None = None

    def logged_bytes(self) -> int:
        """What the first process has logged."""
        return 0 if self.logs is None else self.logs.stat().st_size

    def is_good(self, status: int, answer: bytes) -> bool:
        """Whether an answer holds a token."""
        return status == 200 and b"04AAAA" in answer


@contextmanager
def local_api() -> Iterator[Target]:
    """`make run`, whose caller is a service."""
    port = free_port()
    command, environment = [sys.executable, "-m", "local.run"], {**os.environ, "PORT": str(port), "JWT": ""}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            if not any(line.startswith("Serving on") for line in process.stdout or ()):
                sys.exit("make run did not start.")
            url = f"http://127.0.0.1:{port}/v1/tokens"
            yield Target("local API", (url,), json.dumps(_BODY).encode(), (process.pid,))
        finally:
            process.terminate()


@contextmanager
def artifact(emulators: int) -> Iterator[Target]:
    """The built function, warm, called by a user, with an AWS behind TLS that answers at once."""
    event = user_event()
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder, authority, variant = Path(name), Authority(), ours()
        aws = stack.enter_context(Serving("stub", authority.issue(folder / "server.pem")))
        environment = variant.environment(aws.url, Bundles(authority, folder))
        urls = []
        for number in range(emulators):
            logs = stack.enter_context((folder / f"{number}.log").open("wb"))
            runtime = stack.enter_context(lambda_runtime(variant.path[0].parent, environment, logs))
            runtime.invoke(event)  # which starts the function
            urls.append(runtime.url)
        processes = tuple(_functions())
        start = median(map(cpu_seconds, processes))
        yield Target("artifact", tuple(urls), json.dumps(event).encode(), processes, start, folder / "0.log")


def cpu_seconds(process: int) -> float:
    """The CPU time of all threads of a process, ended ones included."""
    return time.clock_gettime((~process << 3) | 2)  # the id of a process's clock, as the C library makes it


def user_event() -> dict[str, Any]:
    """The sample event, from a user."""
    event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))
    event["requestContext"]["authorizer"] = USER
    return event


def _functions() -> Iterator[int]:
    """The processes of functions, which are the children of the emulators that this process has started."""
    for emulator in _children(os.getpid()):
        for child in _children(emulator):
            if b"awslambdaric" in Path(f"/proc/{child}/cmdline").read_bytes():
                yield child


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]
