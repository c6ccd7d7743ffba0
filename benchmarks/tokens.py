"""CPU time of a token, alone and in bulk, beside ZEGO's official generators; two processes beside one.

OFFICIAL names a checkout of zegoim/zego_server_assistant, whose Python, Node.js and PHP
generators then run in the same rounds. Rounds go through all of them in turn, every other one backwards.
Lower quartiles are compared.
"""

import os
import time
from base64 import b64decode
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.generators import (
    BULK_CBC,
    BULK_GCM,
    CBC,
    GCM,
    MEMORY,
    OFFICIAL,
    OURS,
    PAYLOAD,
    PHP,
    PYTHON,
    SECRET,
    WRITE,
    Generator,
    checkout_of,
)
from benchmarks.report import Comparison, quartiles, save, show, show_comparisons
from local.arguments import stopping
from zego_token import generate_tokens04

ROUNDS = 21
TOKENS = 4_000
WRITTEN = 200_000
WRITING_ROUNDS = 7
DISTINCT = 1_000_000
MANY = 2_000_000


def main() -> None:
    with stopping():
        checkout = checkout_of(os.environ)
    times = _rounds(checkout)
    one, two = _processes()
    comparisons = [*_comparisons(times), Comparison("two processes", "one", one / two, 1.5, at_most=False)]
    show(
        "Tokens: CPU time of each in µs, quartiles, and how many a second",
        ("", "lower", "upper", "a second"),
        [_row(name, samples) for name, samples in times.items()],
    )
    measured = times | {"seconds of one process": one, "seconds of two, each half": two}
    show("Many tokens", ("", "", ""), [*_many()])
    show_comparisons(comparisons)
    save("tokens", measured, comparisons)


def _row(name: str, samples: Sequence[float]) -> tuple[str, str, str, str]:
    lower, upper = quartiles(samples)
    return name, f"{lower:.2f}", f"{upper:.2f}", f"{1e6 / lower:,.0f}"


def _rounds(checkout: Path | None) -> dict[str, list[float]]:
    commands = {each.name: each.command(checkout) for each in OFFICIAL} if checkout else {}
    with ExitStack() as stack:
        generators = {name: stack.enter_context(Generator.ours(name)) for name in OURS}
        for name, command in commands.items():
            if command is None:
                print(f"{name}: its program or its files are missing, so it is left out")
            else:
                generators[name] = stack.enter_context(Generator(command))
        times: dict[str, list[float]] = {name: [] for name in generators}
        for generator in generators.values():
            generator.microseconds(TOKENS)  # what is imported and compiled first does not count
        for number in range(ROUNDS):
            for name, generator in [*generators.items()][:: 1 if number % 2 else -1]:
                times[name].append(generator.microseconds(TOKENS))
        return times


def _comparisons(times: Mapping[str, Sequence[float]]) -> list[Comparison]:
    lowest = {name: quartiles(samples)[0] for name, samples in times.items()}
    goals = [
        (GCM, PYTHON, 4.0),
        (CBC, PYTHON, 1.4),
        *(
            (bulk, official, goal)
            for bulk in (BULK_GCM, BULK_CBC)
            for official, goal in ((PHP, 1.4), (PYTHON, 9.0))
        ),
    ]
    return [
        Comparison(
            f"tokens, {ours}", official.name, lowest[official.name] / lowest[ours], goal, at_most=False
        )
        for ours, official, goal in goals
        if official.name in lowest
    ]


def _processes() -> tuple[float, float]:
    """Seconds until tokens are written: by one process, and by two, each of which writes half of them."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        writers = [
            stack.enter_context(Generator.ours(WRITE, str(Path(folder, f"{number}.txt"))))
            for number in range(2)
        ]
        samples: dict[int, list[float]] = {1: [], 2: []}
        for number in range(WRITING_ROUNDS + 1):
            for processes in (1, 2):
                seconds = _write(writers[:processes], WRITTEN // processes)
                if number:
                    samples[processes].append(seconds)
        return quartiles(samples[1])[0], quartiles(samples[2])[0]


def _write(writers: Sequence[Generator], tokens: int) -> float:
    started = time.perf_counter()
    for writer in writers:
        writer.start(tokens)
    for writer in writers:
        writer.answer()
    return time.perf_counter() - started


def _many() -> Sequence[tuple[str, str, str]]:
    users = (f"user-{number}" for number in range(DISTINCT))
    tokens = generate_tokens04(1, users, SECRET, 3600, PAYLOAD)
    ivs = {b64decode(token[2:34])[10:22] for token in tokens}
    with Generator.ours(MEMORY) as generator:
        generator.start(MANY)
        growth = generator.answer()
    return [
        (f"repeated IVs in {DISTINCT:,} tokens", f"{DISTINCT - len(ivs)}", ""),
        (f"memory that {MANY:,} tokens need more than 1,000", f"{growth:.1f}", "MB"),
    ]


if __name__ == "__main__":
    main()
