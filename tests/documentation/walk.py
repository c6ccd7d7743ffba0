"""`make walk`: a stranger's first steps in a new clone, each of them run and timed. Writes docs/walk.md."""

import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from local.lambda_runtime import free_port
from local.terminal import step, table
from tests.documentation.markdown import blocks_of
from tests.documentation.shell import at_port
from tests.e2e.commands import environment
from tests.factories import ROOT

PAGE = ROOT / "docs" / "walk.md"
SDK_TEST = "tests/clients/test_readme.py"
STACK_TEST = "tests/stack/test_deployment.py"
ALARM_TEST = "test_a_missing_secret_raises_the_alarm_that_the_runbook_explains"
# What each step shows, and how the page names its command.
STEPS = {
    "The README's first line: the API serves, and shows a token": "`make run`",
    "A token for a room": "the README's first `curl`",
    "ZEGO's SDK takes a token in a browser": f"`make test-clients ONLY={SDK_TEST}`",
    "The stack is deployed, and issues tokens": f"`make test-stack ONLY={STACK_TEST}`",
    "The first alarm: a missing secret": "a part of that test",
}


def main() -> None:
    with TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        took = Walk(clone).all()
        PAGE.write_text(page(took, f"{datetime.now(UTC):%Y-%m-%d}", _machine()), encoding="utf-8")
        print("\nA stranger's walk, in seconds\n")
        print(table({title: f"{seconds:.1f}" for title, seconds in zip(STEPS, took, strict=True)}))
        print("\nWritten: docs/walk.md. Removing the clone ...", flush=True)


@dataclass(frozen=True)
class Walk:
    """The steps in a new clone, which has nothing installed."""

    clone: Path

    def all(self) -> list[float]:
        """Seconds of each of :data:`STEPS`."""
        titles = list(STEPS)
        port = free_port()
        with step(titles[0]):
            served, server = self._serve(port)
        try:
            with step(titles[1]):
                asked = _timed(lambda: self._run(["bash", "-c", _request(port)]))
        finally:
            os.killpg(server.pid, signal.SIGINT)
            server.wait(timeout=30)
        with step(titles[2]):
            browsed = _timed(lambda: self._make("test-clients", SDK_TEST))
        report = self.clone / "report.xml"
        with step(titles[3]):
            deployed = _timed(lambda: self._make("test-stack", STACK_TEST, f"--junitxml={report}"))
        alarmed = seconds_of(ALARM_TEST, report)
        return [served, asked, browsed, deployed - alarmed, alarmed]

    def _serve(self, port: int) -> tuple[float, "subprocess.Popen[str]"]:
        begun = time.monotonic()
        server = subprocess.Popen(
            ["make", "run", f"PORT={port}", f"PYTHON={_python()}"],
            cwd=self.clone,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        lines = []
        for line in server.stdout or ():
            lines.append(line)
            if line.startswith("Serving"):
                return time.monotonic() - begun, server
        sys.exit("".join(lines))

    def _make(self, target: str, only: str, options: str = "") -> None:
        self._run(["make", target, f"ONLY={only}", f"PYTHON={_python()}"], PYTEST_ADDOPTS=options)

    def _run(self, command: list[str], **variables: str) -> None:
        done = subprocess.run(
            command,
            cwd=self.clone,
            env=self._environment() | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")

    def _environment(self) -> dict[str, str]:
        """As in a new shell: without this project's .venv."""
        paths = os.environ["PATH"].split(os.pathsep)
        outside = [path for path in paths if not Path(path).is_relative_to(ROOT)]
        kept = {
            name: value for name, value in environment().items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")
        }
        return kept | {"PATH": os.pathsep.join(outside)}


def page(took: list[float], day: str, machine: str) -> str:
    """The page, with the seconds of each step."""
    rows = "\n".join(
        f"| {title} | {command} | {seconds:.1f} |"
        for (title, command), seconds in zip(STEPS.items(), took, strict=True)
    )
    return f"""# A stranger's walk

<!-- Written by `make walk`. Change tests/documentation/walk.py instead. -->

Each step was run in a new clone, in this order, with nothing installed. The times include what each step installs.

| step | command | seconds |
|---|---|---:|
{rows}
| **in all** | | **{sum(took):.1f}** |

Measured by `make walk` on {day} ({machine}).

The AWS is one in a process of its own. The SDK goes as far as ZEGO's network, which it cannot reach. In AWS, the alarm
needs three bad minutes of five.
"""


def seconds_of(test: str, report: Path) -> float:
    """How long a test took, by pytest's report."""
    cases = ET.parse(report).iter("testcase")  # noqa: S314, pytest wrote it
    return next(float(case.attrib["time"]) for case in cases if case.attrib["name"] == test)


def _request(port: int) -> str:
    """The README's first request."""
    (text, *_) = (block.text for block in blocks_of("README.md") if "127.0.0.1:3000" in block.text)
    return at_port(text.replace("curl ", "curl --fail-with-body "), port)


def _timed(work: Callable[[], None]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def _python() -> str:
    """The Python that .venv was made with."""
    return str(getattr(sys, "_base_executable", sys.executable))


def _machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
