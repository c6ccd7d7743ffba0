"""What benchmarks found: a table for people, benchmarks/results.json, results.md, and a chart."""

import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.chart import chart

RESULTS = Path(__file__).with_name("results.json")
TABLE = RESULTS.with_suffix(".md")
CHART = Path(__file__).with_name("results.svg")
_COLUMNS = 80


@dataclass(frozen=True)
class Comparison:
    """A measure of ours as a ratio of another one, beside its goal. Durations may have any unit.

    ``at_most`` says whether the goal is an upper limit, as for a time, or a lower one, as for a speed.
    """

    work: str
    against: str
    ratio: float
    goal: float
    at_most: bool = True

    @property
    def title(self) -> str:
        return f"{self.work} / {self.against}"

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal

    @property
    def goal_text(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.goal:.2f}"


def quartiles(samples: Iterable[float]) -> tuple[float, float]:
    """The lower and the upper quartile of at least one sample."""
    ordered = sorted(samples)
    return ordered[len(ordered) // 4], ordered[len(ordered) * 3 // 4]


def show(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table of at most 80 columns; its first column is text, all others are figures."""
    lines = [heads, *rows]
    widths = [max(len(line[column]) for line in lines) + 2 for column in range(1, len(heads))]
    first = _COLUMNS - sum(widths)
    print(f"\n{title}\n{'-' * _COLUMNS}")
    for line in lines:
        cells = (f"{cell:>{width}}" for cell, width in zip(line[1:], widths, strict=True))
        print(f"{line[0][:first]:{first}}" + "".join(cells))
    sys.stdout.flush()


def show_comparisons(comparisons: Iterable[Comparison]) -> None:
    """Print ratios beside their goals."""
    rows = [
        (
            each.title,
            f"{each.ratio:.2f}",
            each.goal_text,
            "met" if each.is_met else "MISSED",
        )
        for each in comparisons
    ]
    show("Goals", ("work / against", "ratio", "goal", ""), rows)


def save(section: str, measured: Any, comparisons: Sequence[Comparison]) -> None:
    """Put a section's results into results.json, and draw the chart of all sections anew."""
    stored = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    stored[section] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "measured": measured,
        "comparisons": [asdict(each) for each in comparisons],
    }
    RESULTS.write_text(json.dumps(stored, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    drawn = [Comparison(**each) for part in stored.values() for each in part["comparisons"]]
    bars = [(each.title, each.ratio, each.goal_text, each.is_met) for each in drawn]
    rows = [
        f"| {each.title} | {each.ratio:.2f} | {each.goal_text} | {'yes' if each.is_met else 'no'} |"
        for each in drawn
    ]
    heads = ["| work / against | ratio | goal | met |", "|---|---|---|---|"]
    machines = sorted({str(part["machine"]) for part in stored.values()})
    lines = ["Written by `make bench`.", "", *heads, *rows, "", *(f"Machine: {each}." for each in machines)]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    CHART.write_text(chart("Against other ways to do it: 1 is the other way", bars), encoding="utf-8")
