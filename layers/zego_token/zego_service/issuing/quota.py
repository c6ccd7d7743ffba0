"""How many tokens a user may get in a minute."""

import hashlib

from zego_service.callers import Caller
from zego_service.clients import ConditionFailedError
from zego_service.clock import Clock, Instant
from zego_service.errors import OutageError, QuotaExceededError
from zego_service.settings import Settings
from zego_service.table import Table
from zego_service.telemetry import count, logger

WINDOW_SECONDS = 60
PAUSE_SECONDS = 5  # how long an unreachable table is not asked again


class Quota:
    """Counts the tokens of each user caller, by the minute, with one conditional update a token.

    Services have no quota. If the table cannot be used, tokens are issued all the same and the
    metric ``QuotaUnavailable`` counts it: the stage's throttling is still in front.
    """

    def __init__(self, table: Table, settings: Settings, clock: Clock = Instant.now) -> None:
        self._table = table
        self._limit = settings.user_tokens_per_minute
        self._clock = clock
        self._paused_at: Instant | None = None

    def take(self, caller: Caller, now: Instant) -> None:
        """Count one token for the caller; raise :class:`QuotaExceededError` where that is one too many."""
        if caller.is_service or self._limit == 0:
            return
        if self._paused_at is not None and now.elapsed_since(self._paused_at) < PAUSE_SECONDS:
            count("QuotaUnavailable")
            return
        self._paused_at = None
        window = now.unix // WINDOW_SECONDS
        try:
            self._add_one(caller, window)
        except ConditionFailedError:
            retry_after = (window + 1) * WINDOW_SECONDS - now.unix
            raise QuotaExceededError(self._limit, retry_after) from None
        except OutageError as outage:
            logger.error("the quota cannot be counted", cause=outage.cause)
            count("QuotaUnavailable")
            self._paused_at = self._clock()  # the clock again: the call may have taken seconds

    def _add_one(self, caller: Caller, window: int) -> None:
        self._table.update(
            {"pk": {"S": _partition(caller)}, "sk": {"S": str(window)}},
            "SET expires_at = :expires_at ADD issued_tokens :one",
            "attribute_not_exists(issued_tokens) OR issued_tokens < :limit",
            {
                ":one": {"N": "1"},
                ":limit": {"N": str(self._limit)},
                ":expires_at": {"N": str((window + 2) * WINDOW_SECONDS)},
            },
        )


def _partition(caller: Caller) -> str:
    # Hashed, because an identity may be longer than a key, and need not be valid Unicode.
    identity = caller.identity.encode("utf-8", "surrogatepass")
    return "QUOTA#" + hashlib.sha256(identity).hexdigest()
