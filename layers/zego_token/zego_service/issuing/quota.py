"""How many tokens a user may get in a minute."""

import hashlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from zego_service.callers import Caller
from zego_service.errors import QuotaExceededError
from zego_service.settings import Settings
from zego_service.telemetry import count, logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WINDOW_SECONDS = 60
PAUSE_SECONDS = 5  # how long an unreachable table is not asked again


class Quota:
    """Counts the tokens of each user caller, by the minute, with one conditional update a token.

    Services have no quota. If the table cannot be reached, tokens are issued all the same and the
    metric ``QuotaUnavailable`` counts it: the stage's throttling is still in front.
    """

    def __init__(
        self, client: "DynamoDBClient", settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = settings.table
        self._limit = settings.user_tokens_per_minute
        self._clock = clock
        self._paused_at: float | None = None

    def take(self, caller: Caller) -> None:
        """Count one token for the caller; raise :class:`QuotaExceededError` where that is one too many."""
        if caller.is_service or self._limit == 0:
            return
        now = self._clock()
        # A clock that was set back ends the pause.
        if self._paused_at is not None and 0 <= now - self._paused_at < PAUSE_SECONDS:
            count("QuotaUnavailable")
            return
        self._paused_at = None
        window = int(now) // WINDOW_SECONDS
        try:
            self._add_one(caller, window)
        except (ClientError, BotoCoreError) as error:
            if _is_over(error):
                retry_after = (window + 1) * WINDOW_SECONDS - int(now)
                raise QuotaExceededError(self._limit, retry_after) from None
            logger.error("the quota cannot be counted", cause=type(error).__name__)
            count("QuotaUnavailable")
            self._paused_at = self._clock()

    def _add_one(self, caller: Caller, window: int) -> None:
        self._client.update_item(
            TableName=self._table,
            Key={"pk": {"S": _partition(caller)}, "sk": {"S": str(window)}},
            UpdateExpression="SET expires_at = :expires_at ADD issued_tokens :one",
            ConditionExpression="attribute_not_exists(issued_tokens) OR issued_tokens < :limit",
            ExpressionAttributeValues={
                ":one": {"N": "1"},
                ":limit": {"N": str(self._limit)},
                ":expires_at": {"N": str((window + 2) * WINDOW_SECONDS)},
            },
        )


def _partition(caller: Caller) -> str:
    # Hashed, because an identity may be longer than a key, and need not be valid Unicode.
    identity = caller.identity.encode("utf-8", "surrogatepass")
    return "QUOTA#" + hashlib.sha256(identity).hexdigest()


def _is_over(error: Exception) -> bool:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    return code == "ConditionalCheckFailedException"
