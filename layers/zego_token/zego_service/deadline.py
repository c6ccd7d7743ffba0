"""The time that a request has: nothing is begun that could outlast it."""

import time
from math import inf
from typing import Any

from zego_service.aws_json import RETRIED_CODES, RETRIED_STATUSES
from zego_service.errors import OutageError

ANSWER_SECONDS = 0.5  # what is left for the function to answer after its last call
_LONGEST_BACKOFF_SECONDS = 20.0  # of boto3's standard retries


class Deadline:
    """When the present request must be answered; there may be none."""

    def __init__(self) -> None:
        self._ends_at = inf

    def end_within(self, seconds: float | None) -> None:
        """Set the deadline of a request. None removes it."""
        self._ends_at = inf if seconds is None else time.monotonic() + seconds

    def leave(self, share: float) -> None:
        """Set the deadline earlier, so that a share of the time that is left comes after it."""
        now = time.monotonic()
        self._ends_at = now + (self._ends_at - now) * (1 - share)

    def seconds_left(self) -> float:
        """How long the request may still wait for others."""
        return self._ends_at - ANSWER_SECONDS - time.monotonic()

    def require(self, seconds: float) -> None:
        """Raise :class:`OutageError` where fewer seconds are left."""
        if seconds > self.seconds_left():
            raise OutageError("DeadlineExceeded")

    def require_backoff(
        self,
        attempt_seconds: float,
        attempts: int,
        response: tuple[Any, dict[str, Any]] | None,
        caught_exception: Exception | None,
    ) -> None:
        """Do not let boto3 wait for an attempt that would come too late: it waits before it asks."""
        if response is not None:
            raw, parsed = response
            code = parsed.get("Error", {}).get("Code")
            if raw.status_code not in RETRIED_STATUSES and code not in RETRIED_CODES:
                return
        if response is not None or caught_exception is not None:
            self.require(min(2.0 ** (attempts - 1), _LONGEST_BACKOFF_SECONDS) + attempt_seconds)
