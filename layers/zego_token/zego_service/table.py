"""The DynamoDB table of the service: quotas, revocations, grants and tokens, each with its own keys.

``pk`` and ``sk`` are the keys. DynamoDB deletes an item some time after ``expires_at`` (Unix seconds).
"""

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any

from zego_service.clients import Clients, Item
from zego_service.errors import OutageError, UnavailableError
from zego_service.settings import Settings
from zego_service.telemetry import count, logger

MAX_BATCH_ITEMS = 25  # of one BatchWriteItem
MAX_BATCH_ATTEMPTS = 7
WRITERS = 8  # fewer than the connections that boto3 keeps open, ten
_FIRST_PAUSE_SECONDS = 0.05


class Table:
    """The items of the table. Every method raises :class:`OutageError` where the table cannot be used."""

    def __init__(self, clients: Clients, settings: Settings) -> None:
        self._clients = clients
        self._name = settings.table

    def get(self, key: Item) -> Item | None:
        """The item of a key; None where there is none."""
        return self._clients.get_item(self._name, key)

    def put(self, item: Item) -> None:
        """Put or replace an item."""
        self._clients.put_item(self._name, item)

    def add(self, item: Item) -> None:
        """Put a new item. Raises :class:`ConditionFailedError` where its key is there."""
        self._clients.put_item(self._name, item, ConditionExpression="attribute_not_exists(pk)")

    def update(self, key: Item, update: str, condition: str, values: Item) -> None:
        """Update or make an item. Raises :class:`ConditionFailedError` with what is there."""
        self._clients.update_item(
            self._name,
            key,
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    def delete(self, key: Item) -> bool:
        """Delete an item; False where there was none."""
        return self._clients.delete_item(self._name, key)

    def page(self, condition: str, values: Item, **options: Any) -> tuple[list[Item], Item | None]:
        """One page of the items of a partition, and the key to go on after; None after the last page."""
        return self._clients.query(
            self._name, KeyConditionExpression=condition, ExpressionAttributeValues=values, **options
        )

    def pages(self, condition: str, values: Item, **options: Any) -> Iterator[list[Item]]:
        """All items of a partition, page by page."""
        items, last = self.page(condition, values, **options)
        yield items
        while last is not None:
            items, last = self.page(condition, values, ExclusiveStartKey=last, **options)
            yield items

    def put_all(self, items: Iterable[Item]) -> None:
        """Put items whose keys differ."""
        self._write_all([{"PutRequest": {"Item": item}} for item in items])

    def delete_all(self, keys: Iterable[Item]) -> None:
        """Delete the items of keys that differ."""
        self._write_all([{"DeleteRequest": {"Key": key}} for key in keys])

    def _write_all(self, requests: Sequence[Item]) -> None:
        """Write over several connections. After a failure none begins; it is raised when all have ended."""
        starts = range(0, len(requests), MAX_BATCH_ITEMS)
        batches = [requests[start : start + MAX_BATCH_ITEMS] for start in starts]
        if len(batches) > 1:
            self._write_at_once(batches)
        elif batches:
            self._write(batches[0])

    def _write_at_once(self, batches: Sequence[Sequence[Item]]) -> None:
        from concurrent.futures import ThreadPoolExecutor  # which only the provisioner needs

        failed = Event()

        def write(batch: Sequence[Item]) -> None:
            if not failed.is_set():
                try:
                    self._write(batch)
                except Exception:
                    failed.set()
                    raise

        with ThreadPoolExecutor(min(WRITERS, len(batches))) as writers:
            for _ in writers.map(write, batches):
                pass

    def _write(self, requests: Sequence[Item]) -> None:
        """Write until no throttled requests are left. The pauses between attempts grow."""
        left = requests
        for attempt in range(MAX_BATCH_ATTEMPTS):
            left = self._clients.write_items(self._name, left)
            if not left:
                return
            pause = _FIRST_PAUSE_SECONDS * 2**attempt * (0.5 + secrets.randbelow(1000) / 1000)
            self._clients.deadline.require(pause)
            time.sleep(pause)
        raise OutageError("ProvisionedThroughputExceededException")


@contextmanager
def reporting(metric: str, unavailable: type[UnavailableError]) -> Iterator[None]:
    """Raise ``unavailable`` where the table cannot be used, log the cause, and count the metric."""
    try:
        yield
    except OutageError as outage:
        logger.error("the table cannot be used", metric=metric, cause=outage.cause)
        count(metric)
        raise unavailable() from None
