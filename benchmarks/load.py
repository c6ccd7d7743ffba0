"""Load on the loopback: rising concurrency, then a soak of the local API and of the built artifact.

An error, or memory that grows, makes the command fail. It also measures what a request costs in CPU time and
in logs, for docs/cost.md.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from mmap import PAGESIZE
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import durations
from benchmarks.report import save, show
from benchmarks.targets import Target, artifact, local_api
from local.arguments import stopping, whole_number
from local.terminal import interruptible, step

STEPS = {"local API": (1, 4, 16, 64), "artifact": (1, 2, 4, 8)}
SOAK_CLIENTS = 2
TIMEOUT_SECONDS = 30
_stop = threading.Event()  # at Ctrl-C
GROWTH_BYTES = 2 * 2**20  # of one process from the middle of a soak to its end; a page or two is no leak


@dataclass
class Seen:
    """What clients saw: the seconds of each request, and how many failed."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0

    def milliseconds(self, percent: int) -> float:
        """The time within which so many in a hundred requests were answered."""
        ordered = sorted(self.seconds) or [float("nan")]
        return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] * 1e3


def main() -> None:
    with stopping():
        given = {"SECONDS": os.environ.get("SOAK_SECONDS", "")}
        soak_seconds = whole_number(given, "SECONDS", 600, least=1, most=86_400)
    step_seconds = min(10.0, max(1.0, soak_seconds / 20))
    failures, steps, soaks = [], [], []
    with ExitStack() as stack:
        targets = [stack.enter_context(local_api()), stack.enter_context(artifact(max(STEPS["artifact"])))]
        for target in targets:
            for clients in STEPS[target.name]:
                name = f"{target.name}, {clients} at once"
                with step(name):
                    seen = _put_under_load(target, clients, step_seconds)
                steps.append(_row(name, seen, len(seen.seconds) / step_seconds))
                failures += [f"{name}: errors"] if seen.errors else []
        show("Load", ("", "a second", "p50 ms", "p99 ms", "errors"), steps)
        with step("artifact, what a request costs"):
            durations.measure(targets[1])
        soaking = f"soak of both for {soak_seconds:,} s"
        with step(soaking), ThreadPoolExecutor(len(targets)) as both, _stopping():
            soaked = list(both.map(partial(_soak, seconds=soak_seconds), targets))
        for target, (middle, end, seen) in zip(targets, soaked, strict=True):
            memory = (f"{size / 2**20:.1f}" for size in (middle, end))
            soaks.append((*_row(target.name, seen, len(seen.seconds)), *memory))
            failures += [f"{target.name}: errors"] if seen.errors else []
            failures += [f"{target.name}: memory grew"] if end - middle > GROWTH_BYTES else []
    heads = ("", "requests", "p50 ms", "p99 ms", "errors", "MB, middle", "end")
    show(f"Soak of both for {soak_seconds:,} s, {SOAK_CLIENTS} requests at once of each", heads, soaks)
    save("load", {"steps": steps, "soaks": soaks}, [])
    if failures:
        sys.exit("\n".join(failures))


def _row(name: str, seen: Seen, amount: float) -> tuple[str, str, str, str, str]:
    return (
        name,
        f"{amount:,.0f}",
        f"{seen.milliseconds(50):.1f}",
        f"{seen.milliseconds(99):.1f}",
        f"{seen.errors}",
    )


def _soak(target: Target, seconds: float) -> tuple[int, int, Seen]:
    """The memory of the largest process in the middle and at the end, in bytes, and what clients saw."""
    first = _put_under_load(target, SOAK_CLIENTS, seconds / 2)
    middle = _memory(target.processes)
    second = _put_under_load(target, SOAK_CLIENTS, seconds / 2)
    seen = Seen([*first.seconds, *second.seconds], first.errors + second.errors)
    return middle, _memory(target.processes), seen


def _put_under_load(target: Target, clients: int, seconds: float) -> Seen:
    """Let clients send one request after the other."""
    until = time.monotonic() + seconds
    seen = [Seen() for _ in range(clients)]
    threads = [
        threading.Thread(target=_send, args=(target, target.urls[number % len(target.urls)], until, each))
        for number, each in enumerate(seen)
    ]
    for thread in threads:
        thread.start()
    with _stopping():
        for thread in threads:
            thread.join()
    return Seen([each for one in seen for each in one.seconds], sum(one.errors for one in seen))


@contextmanager
def _stopping() -> Iterator[None]:
    """Let clients stop where this is left by an error."""
    try:
        yield
    except BaseException:
        _stop.set()
        raise


def _send(target: Target, url: str, until: float, seen: Seen) -> None:
    address = urlsplit(url)
    while time.monotonic() < until and not _stop.is_set():
        connection = HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_SECONDS)
        started = time.perf_counter()
        try:
            connection.request("POST", address.path, target.body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            is_good = target.is_good(answer.status, answer.read())
        except (OSError, HTTPException):
            is_good = False
        finally:
            connection.close()
        seen.seconds.append(time.perf_counter() - started)
        seen.errors += not is_good


def _memory(processes: Sequence[int]) -> int:
    """The bytes in memory of the largest process."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in processes]
    return max(pages) * PAGESIZE


if __name__ == "__main__":
    interruptible(main)
