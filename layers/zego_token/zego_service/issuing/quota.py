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
    """Counts the tokens of each user caller, by the minute, with one conditional update a request.

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
        if self.take_most(caller, 1, now) < 1:
            raise self.exceeded(now)

    def take_most(self, caller: Caller, wanted: int, now: Instant) -> int:
        """Count tokens for the caller, as many of those that are wanted as it may still have; how many."""
        wanted = min(wanted, self.left(caller, wanted, now))
        if caller.is_service or self._limit == 0 or wanted < 1:
            return wanted
        user = _partition(caller)
        taken = self._counted(user, wanted, now)
        self._given[user] = self._limit if taken < wanted else self._given.get(user, 0) + taken
        return taken

    def left(self, caller: Caller, most: int, now: Instant) -> int:
        """How many tokens, up to ``most``, the caller may still have as far as this process knows."""
        if caller.is_service or self._limit == 0:
            return most
        window = now.unix // WINDOW_SECONDS
        if window != self._window:
            self._window, self._given = window, {}
        return min(most, self._limit - self._given.get(_partition(caller), 0))

    def exceeded(self, now: Instant) -> QuotaExceededError:
        """The refusal of one token too many, which says when the next minute begins."""
        return QuotaExceededError(self._limit, WINDOW_SECONDS - now.unix % WINDOW_SECONDS)

    def _counted(self, user: str, wanted: int, now: Instant) -> int:
        """Count tokens in the table, as many as fit; how many. All that are wanted without the table."""
        if self._paused_at is not None and now.elapsed_since(self._paused_at) < PAUSE_SECONDS:
            count("QuotaUnavailable")
            return wanted
        self._paused_at = None
        try:
            return self._added(user, wanted)
        except OutageError as outage:
            logger.error("the quota cannot be counted", cause=outage.cause)
            count("QuotaUnavailable")
            if outage.cause not in _THROTTLED:
                self._paused_at = self._clock()  # the clock again: the call may have taken seconds
        return wanted

    def _added(self, user: str, wanted: int) -> int:
        """Add what fits below the limit. Other processes may be adding too, so what fits may shrink."""
        while wanted > 0:
            try:
                self._add(user, wanted)
            except ConditionFailedError as failed:
                wanted = min(wanted - 1, self._limit - int(failed.item["issued_tokens"]["N"]))
            else:
                break
        return max(0, wanted)

    def _add(self, user: str, tokens: int) -> None:
        self._table.update(
            {"pk": {"S": user}, "sk": {"S": str(self._window)}},
            "SET expires_at = :expires_at ADD issued_tokens :tokens",
            "attribute_not_exists(issued_tokens) OR issued_tokens <= :most",
            {
                ":tokens": {"N": str(tokens)},
                ":most": {"N": str(self._limit - tokens)},
                ":expires_at": {"N": str((self._window + 2) * WINDOW_SECONDS)},
            },
        )


def _partition(caller: Caller) -> str:
    # Hashed, because an identity may be longer than a key, and need not be valid Unicode.
    identity = caller.identity.encode("utf-8", "surrogatepass")
    return "QUOTA#" + hashlib.sha256(identity).hexdigest()
