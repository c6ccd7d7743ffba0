"""Commands of the Makefile, as a person types them."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from local.lambda_runtime import free_port
from tests.factories import ROOT


def environment(**variables: str) -> dict[str, str]:
    """As in a new shell: without what the outer make and pytest have set."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "ZEGO_"))
    }
    return {**kept, **variables}


def make(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )


def too_long(output: str) -> list[str]:
    """The lines that do not fit 80 columns."""
    return [line for line in output.splitlines() if len(line) > 80]


class Running:
    """A command that is serving."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, output: Path) -> None:
        self._process = process
        self._output = output
        self.port = port

    @property
    def output(self) -> str:
        """What it has written so far."""
        return self._output.read_text()

    def jwt(self, variable: str) -> str:
        """A JWT that `make run JWT=1` has printed, as a shell's assignment: USER_JWT or BACKEND_JWT."""
        (assigned,) = re.findall(rf"^{variable}=(.+)$", self.output.replace("\\\n", ""), re.MULTILINE)
        return str(assigned)

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(timeout=10)

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, dict(headers or {"Content-Type": "application/json"}))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


@contextmanager
def make_run(*arguments: str, **variables: str) -> Iterator[Running]:
    with make_serve("run", *arguments, **variables) as running:
        yield running


@contextmanager
def make_serve(target: str, *arguments: str, **variables: str) -> Iterator[Running]:
    """A command that serves until Ctrl-C."""
    port = free_port()
    with NamedTemporaryFile() as output:  # a pipe would fill and stop the server
        process = subprocess.Popen(
            ["make", "--no-print-directory", target, f"PORT={port}", *arguments],
            cwd=ROOT,
            env=environment(**variables),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        running = Running(process, port, Path(output.name))
        try:
            while "Serving" not in running.output and process.poll() is None:
                time.sleep(0.1)
            yield running
        finally:
            running.stop()
