"""What a test's code writes to standard output and error."""

import sys
from collections.abc import Callable

Written = Callable[[], str]


class CurrentStdout:
    """Standard output as it is at the time of writing; pytest replaces it for each phase of a test."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()
