"""Time in a process that Lambda freezes between requests.

Handlers read the clock once a request and pass the instant on.
"""

import time
from collections.abc import Callable
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
