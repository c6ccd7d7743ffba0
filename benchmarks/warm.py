"""Warm requests in CPU time: of a service caller, of a user with its quota call, and after idling.

Each handler runs in a process of its own, over one AWS behind TLS that answers at once. Rounds go through all
of them in turn, every other one backwards; lower quartiles are compared. "boto3 alone" is this service with
``ZEGO_AWS_CLIENT=boto3``, which calls AWS as it did before it had a client of its own.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from benchmarks import worker
from benchmarks.aws import Serving, first_line
from benchmarks.report import Comparison, quartiles, save, show, show_comparisons
from benchmarks.variants import EVENT, NAIVE, OURS, Bundles, Variant, naive, ours
from local.certificates import Authority

ROUNDS = 21
NO_X_RAY = f"{NAIVE} without X-Ray"
BOTO3 = f"{OURS}, boto3 alone"
SERVICE, USER, IDLE = "service caller", "user caller, with quota", "user caller, after idling"


class Worker:
    """A handler that is called in a process of its own."""

    def __init__(self, variant: Variant, environment: dict[str, str], event: Path) -> None:
        command = [sys.executable, "-S", worker.__file__, variant.handler, str(event)]
        in_lambda = environment | {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"}
        self.name = variant.name
        self._process = subprocess.Popen(
            command, env=in_lambda, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        self.microseconds(20)  # the first request reads the secret, and all of them warm up
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def microseconds(self, calls: int) -> float:
        """The CPU time of a call, of as many as are named."""
        if self._process.stdin is None:
            raise ValueError
        print(calls, file=self._process.stdin, flush=True)
        return float(first_line(self._process)) / calls * 1e6


def main() -> None:
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder, authority = Path(name), Authority()
        bundles, certificate = Bundles(authority, folder), authority.issue(folder / "server.pem")
        stub, idle = (stack.enter_context(Serving(kind, certificate)) for kind in ("stub", "idle"))
        own, boto3 = ours(), ours(BOTO3, ZEGO_AWS_CLIENT="boto3")
        without = naive(NO_X_RAY, POWERTOOLS_TRACE_DISABLED="true")
        user = _user_event(folder / "user.json")
        works = {
            SERVICE: (stub, EVENT, 100, (naive(), without, own, boto3)),
            USER: (stub, user, 50, (own, boto3)),
            IDLE: (idle, user, 10, (own, boto3)),
        }
        found = {
            work: _rounds(
                [Worker(each, each.environment(aws.url, bundles), event) for each in variants], calls
            )
            for work, (aws, event, calls, variants) in works.items()
        }
    _report(found)


def _user_event(file: Path) -> Path:
    """The sample event from a user, who has a quota."""
    event = json.loads(EVENT.read_text(encoding="utf-8"))
    claims = {"sub": "alice", "scope": "zego:publish"}
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    file.write_text(json.dumps(event), encoding="utf-8")
    return file


def _rounds(workers: Sequence[Worker], calls: int) -> dict[str, list[float]]:
    with ExitStack() as stack:
        for each in workers:
            stack.enter_context(each)
        times: dict[str, list[float]] = {each.name: [] for each in workers}
        for number in range(ROUNDS):
            for each in workers[:: 1 if number % 2 else -1]:
                times[each.name].append(each.microseconds(calls))
    return times


def _report(found: dict[str, dict[str, list[float]]]) -> None:
    lowest = {
        (work, name): quartiles(times)[0] for work, each in found.items() for name, times in each.items()
    }
    for work, each in found.items():
        rows = [(name, *(f"{value:.0f}" for value in quartiles(times))) for name, times in each.items()]
        show(f"Warm request, {work}: CPU time", ("", "lower quartile, µs", "upper"), rows)
    service = lowest[SERVICE, OURS]
    comparisons = [
        Comparison("warm, service", NAIVE, service / lowest[SERVICE, NAIVE], 0.50),
        Comparison("warm, service", NO_X_RAY, service / lowest[SERVICE, NO_X_RAY], 0.90),
        Comparison("warm, user, quota", "boto3 alone", lowest[USER, OURS] / lowest[USER, BOTO3], 0.45),
        Comparison("reconnect", "boto3 alone", _reconnect(lowest, OURS) / _reconnect(lowest, BOTO3), 0.20),
    ]
    show_comparisons(comparisons)
    save("warm", found, comparisons)


def _reconnect(lowest: dict[tuple[str, str], float], name: str) -> float:
    """What a request takes more where its connection was closed meanwhile."""
    return max(lowest[IDLE, name] - lowest[USER, name], 1)


if __name__ == "__main__":
    main()
