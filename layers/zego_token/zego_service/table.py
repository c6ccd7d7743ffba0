"""The DynamoDB table of the service: quotas, revocations and grants, told apart by their keys.

``pk`` and ``sk`` are the keys; DynamoDB deletes an item some time after ``expires_at`` (Unix seconds).
"""

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from zego_service.errors import UnavailableError
from zego_service.telemetry import count, logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
MAX_BATCH_ITEMS = 25  # of one BatchWriteItem
MAX_BATCH_ATTEMPTS = 7
_FIRST_PAUSE_SECONDS = 0.05

# Every mint waits for this table, so it must answer at once or be done without.
_CLIENT_CONFIG = Config(
    connect_timeout=0.5, read_timeout=0.5, retries={"mode": "standard", "total_max_attempts": 2}
)
# Nobody waits for a bulk write, but it should get through.
BULK_CLIENT_CONFIG = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 4}
)


def dynamodb_client(*, bulk: bool = False) -> "DynamoDBClient":
    """A client that gives up on a dead endpoint after about two seconds; for ``bulk``, some fifteen."""
    return boto3.client("dynamodb", config=BULK_CLIENT_CONFIG if bulk else _CLIENT_CONFIG)


@contextmanager
def reachable(metric: str, unavailable: type[UnavailableError]) -> Iterator[None]:
    """Raise ``unavailable`` where the table cannot be used, log the cause, and count the metric."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        logger.error("the table cannot be used", metric=metric, cause=_cause(error))
        count(metric)
        raise unavailable() from None


def put_all(client: "DynamoDBClient", table: str, items: Iterable[Item]) -> None:
    """Put items whose keys differ. Raises botocore's errors."""
    _write_all(client, table, [{"PutRequest": {"Item": item}} for item in items])


def delete_all(client: "DynamoDBClient", table: str, keys: Iterable[Item]) -> None:
    """Delete the items of keys that differ. Raises botocore's errors."""
    _write_all(client, table, [{"DeleteRequest": {"Key": key}} for key in keys])


def _write_all(client: "DynamoDBClient", table: str, requests: Sequence[Any]) -> None:
    for start in range(0, len(requests), MAX_BATCH_ITEMS):
        _write(client, table, requests[start : start + MAX_BATCH_ITEMS])


def _write(client: "DynamoDBClient", table: str, requests: Sequence[Any]) -> None:
    """Write until nothing is left over, as what was throttled is; the pauses between grow."""
    left = requests
    for attempt in range(MAX_BATCH_ATTEMPTS):
        left = client.batch_write_item(RequestItems={table: left}).get("UnprocessedItems", {}).get(table, [])
        if not left:
            return
        time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt * (0.5 + secrets.randbelow(1000) / 1000))
    throttled = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "items left over"}}
    raise ClientError(throttled, "BatchWriteItem")  # type: ignore[arg-type]


def _cause(error: Exception) -> str:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else None
    return code or type(error).__name__
