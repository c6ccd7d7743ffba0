"""Cold starts to the first token, of the built artifact and of two other ways to write a token server.

Each runs under AWS's runtime emulator and runtime client, with moto behind TLS as its AWS: from the first
invocation, which starts the process, to its answer. Rounds go through all of them in turn, every other one
backwards. A first round fills the page cache and does not count. Lower quartiles are compared.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import ProxyHandler, Request, build_opener

from benchmarks.aws import Serving
from benchmarks.report import Comparison, quartiles, save, show, show_comparisons
from benchmarks.share import CpuShare
from benchmarks.variants import (
    BARE,
    EVENT,
    NAIVE,
    OURS,
    Bundles,
    Variant,
    bare,
    naive,
    ours,
    without_bytecode,
)
from local.certificates import Authority
from local.lambda_runtime import INVOKE_PATH, emulator, free_port

ROUNDS = 15
SHARED_ROUNDS = 9
CPU_SHARE = 0.29  # what Lambda gives a function of 512 MB
_open = build_opener(ProxyHandler({})).open


@dataclass(frozen=True)
class Start:
    """One cold start: milliseconds to the first answer, CPU milliseconds, and peak memory in MB."""

    wall: float
    cpu: float
    memory: float


def main() -> None:
    with TemporaryDirectory() as name:
        folder, authority = Path(name), Authority()
        bundles = Bundles(authority, folder)
        with Serving("moto", authority.issue(folder / "server.pem")) as aws:
            variants = [
                *(naive(), bare(), ours(), ours(f"{OURS}, boto3 alone", ZEGO_AWS_CLIENT="boto3")),
                without_bytecode(folder / "compiled-at-start"),
            ]
            full = _rounds(variants, aws.url, bundles, ROUNDS)
            with CpuShare(CPU_SHARE) as share:
                shared = _rounds([naive(), ours()], aws.url, bundles, SHARED_ROUNDS, share)
            modules = {each.name: _modules(each, each.environment(aws.url, bundles)) for each in variants}
    _report(full, shared, modules, share.method)


def _rounds(
    variants: Sequence[Variant], url: str, bundles: Bundles, rounds: int, share: CpuShare | None = None
) -> dict[str, list[Start]]:
    starts: dict[str, list[Start]] = {variant.name: [] for variant in variants}
    for number in range(rounds + 1):
        for variant in variants[:: 1 if number % 2 else -1]:
            start = _start(variant, variant.environment(url, bundles), share)
            if number:
                starts[variant.name].append(start)
    return starts


def _start(variant: Variant, environment: dict[str, str], share: CpuShare | None) -> Start:
    with _emulated(variant, environment, share) as (process, url):
        started = time.perf_counter()
        with _open(Request(url, EVENT.read_bytes()), timeout=60) as answer:
            body = answer.read()
        wall = time.perf_counter() - started
        if b"04AAAA" not in body:
            sys.exit(f"{variant.name} answered without a token: {body[:500]!r}")
        (child,) = _children(process.pid)
        status = Path(f"/proc/{child}/status").read_text()
        (peak,) = re.findall(r"VmHWM:\s+(\d+)", status)
        return Start(wall * 1e3, _cpu_seconds(child) * 1e3, int(peak) / 1024)


@contextmanager
def _emulated(
    variant: Variant, environment: dict[str, str], share: CpuShare | None
) -> "Iterator[tuple[subprocess.Popen[bytes], str]]":
    """The emulator, which starts the function at its first invocation; and where to invoke it."""
    port, api_port = free_port(), free_port()
    command = [
        *(str(emulator()), "--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{api_port}"),
        *(sys.executable, "-S", "-m", "awslambdaric", variant.handler),
    ]
    with subprocess.Popen(
        command,
        cwd=variant.path[0],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            _await_listener(port, process)
            with share.limiting(process) if share else nullcontext():
                yield process, f"http://127.0.0.1:{port}{INVOKE_PATH}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # the function too, which outlives its emulator
            for child in _children(process.pid):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)


def _await_listener(port: int, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.005)
    sys.exit("The runtime emulator did not start.")


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return []


def _cpu_seconds(pid: int) -> float:
    """Of all threads of a process, ended ones included."""
    return time.clock_gettime((~pid << 3) | 2)  # the id of a process's clock, as the C library makes it


def _modules(variant: Variant, environment: dict[str, str]) -> int:
    """How many modules there are once a function has started."""
    module, _, _ = variant.handler.rpartition(".")
    code = f"import awslambdaric.bootstrap, {module}, sys; print(len(sys.modules), file=sys.stderr)"
    in_lambda = environment | {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"}
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, env=in_lambda, capture_output=True, text=True, check=True)
    return int(done.stderr.split()[-1])


def _report(
    full: dict[str, list[Start]], shared: dict[str, list[Start]], modules: dict[str, int], method: str
) -> None:
    show(
        "Cold start to the first token over TLS: lower quartiles, upper in brackets",
        ("", "ms", "CPU ms", "peak MB", "modules"),
        [
            (
                name,
                *(_shown(getattr(start, what) for start in starts) for what in ("wall", "cpu", "memory")),
                str(modules[name]),
            )
            for name, starts in full.items()
        ],
    )
    show(
        f"The same with {CPU_SHARE} of a processor, by {method}",
        ("", "ms"),
        [(name, _shown(start.wall for start in starts)) for name, starts in shared.items()],
    )

    def ratio(starts: dict[str, list[Start]], what: str, against: str) -> float:
        quartile = {
            name: quartiles(getattr(start, what) for start in starts[name])[0] for name in (OURS, against)
        }
        return quartile[OURS] / quartile[against]

    comparisons = [
        Comparison("cold start", NAIVE, ratio(full, "wall", NAIVE), 0.42),
        Comparison("cold start", BARE, ratio(full, "wall", BARE), 0.60),
        Comparison(f"cold start, {CPU_SHARE} of a core", NAIVE, ratio(shared, "wall", NAIVE), 0.35),
        Comparison("peak memory", NAIVE, ratio(full, "memory", NAIVE), 0.72),
    ]
    show_comparisons(comparisons)
    measured = {
        "rounds": {name: [asdict(start) for start in starts] for name, starts in full.items()},
        "rounds with a share": {name: [asdict(start) for start in starts] for name, starts in shared.items()},
        "share": f"{CPU_SHARE} of a processor by {method}",
        "modules": modules,
    }
    save("cold", measured, comparisons)


def _shown(samples: Iterable[float]) -> str:
    lower, upper = quartiles(samples)
    return f"{lower:.0f} ({upper:.0f})"


if __name__ == "__main__":
    main()
