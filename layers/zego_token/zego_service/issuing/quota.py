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
# What the storm of one user may cause, and what says nothing about the writes for others.
_THROTTLED = ("ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException")


class Quota:
    """Counts the tokens of each user caller, by the minute, with one conditional update a token.

    Services have no quota. While the table cannot be used, which the metric ``QuotaUnavailable`` counts, each
    process counts by itself: a user then gets at most its limit from each process that is running.
    """

    def __init__(self, table: Table, settings: Settings, clock: Clock = Instant.now) -> None:
        self._table = table
        self._limit = settings.user_tokens_per_minute
        self._clock = clock
        self._paused_at: Instant | None = None
        self._window = 0
        # What this process gave in the window. A process answers one request at a time, so this stays small.
        self._given: dict[str, int] = {}

    def take(self, caller: Caller, now: Instant) -> None:
        """Count one token for the caller; raise :class:`QuotaExceededError` where that is one too many."""
        if caller.is_service or self._limit == 0:
            return
        window, user = now.unix // WINDOW_SECONDS, _partition(caller)
        if window != self._window:
            self._window, self._given = window, {}
        given = self._given.get(user, 0)
        if given >= self._limit or not self._counted(user, now):
            self._given[user] = self._limit
            raise QuotaExceededError(self._limit, (window + 1) * WINDOW_SECONDS - now.unix)
        self._given[user] = given + 1

    def _counted(self, user: str, now: Instant) -> bool:
        """Count one token in the table; False where that is one too many. True without the table."""
        if self._paused_at is not None and now.elapsed_since(self._paused_at) < PAUSE_SECONDS:
            count("QuotaUnavailable")
            return True
        self._paused_at = None
        try:
            self._add_one(user)
        except ConditionFailedError:
            return False
        except OutageError as outage:
            logger.error("the quota cannot be counted", cause=outage.cause)
            count("QuotaUnavailable")
            if outage.cause not in _THROTTLED:
                self._paused_at = self._clock()  # the clock again: the call may have taken seconds
        return True

    def _add_one(self, user: str) -> None:
        self._table.update(
            {"pk": {"S": user}, "sk": {"S": str(self._window)}},
            "SET expires_at = :expires_at ADD issued_tokens :one",
            "attribute_not_exists(issued_tokens) OR issued_tokens < :limit",
            {
                ":one": {"N": "1"},
                ":limit": {"N": str(self._limit)},
                ":expires_at": {"N": str((self._window + 2) * WINDOW_SECONDS)},
            },
        )


def _partition(caller: Caller) -> str:
    # Hashed, because an identity may be longer than a key, and need not be valid Unicode.
    identity = caller.identity.encode("utf-8", "surrogatepass")
    return "QUOTA#" + hashlib.sha256(identity).hexdigest()
