"""What a test's code writes to standard output and error."""

import json
import sys
from collections.abc import Callable

Written = Callable[[], str]


class CurrentStdout:
    """Standard output as it is at the time of writing; pytest replaces it for each phase of a test."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


def metrics(output: str) -> list[str]:
    """The names of the metrics in it, in order."""
    lines = [json.loads(line) for line in output.splitlines()]
    return [
        metric["Name"]
        for line in lines
        if "_aws" in line
        for directive in line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    ]
