"""Time in a process that Lambda freezes between requests.

Handlers read the clock once a request and pass the instant on.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Instant(NamedTuple):
    """Two readings of time in seconds: the wall clock counts while Lambda freezes, but may be set back."""

    wall: float
    monotonic: float

    @classmethod
    def now(cls) -> "Instant":
        """The present."""
        return cls(time.time(), time.monotonic())

    @property
    def unix(self) -> int:
        """Whole Unix seconds."""
        return int(self.wall)

    def elapsed_since(self, earlier: "Instant") -> float:
        """Seconds since ``earlier``, by the clock that counted more."""
        return max(self.wall - earlier.wall, self.monotonic - earlier.monotonic)


Clock = Callable[[], Instant]


@contextmanager
def rounded_up(seconds: float) -> Iterator[None]:
    """Make what is done inside take a multiple of ``seconds``, so that its duration tells nothing."""
    started = time.monotonic()
    try:
        yield
    finally:
        time.sleep(-(time.monotonic() - started) % seconds)
