"""Writes to the table over several connections at once, which end together."""

from collections.abc import Callable, Sequence
from threading import Barrier, Event, Lock
from typing import Any, cast

import pytest

from zego_service.clients import Clients, Item
from zego_service.deadline import Deadline
from zego_service.errors import OutageError
from zego_service.settings import Settings
from zego_service.table import MAX_BATCH_ITEMS, WRITERS, Table

SECONDS = 30  # no test waits as long


class Writes:
    """Stands in for the clients: what it does with each write is told to it."""

    def __init__(self, write: Callable[[int, Sequence[Item]], list[Item]]) -> None:
        self._write = write
        self._lock = Lock()
        self.deadline = Deadline()  # none
        self.begun = 0
        self.ended = 0

    def write_items(self, _table: str, requests: Sequence[Item]) -> list[Item]:
        with self._lock:
            number = self.begun
            self.begun += 1
        try:
            return self._write(number, requests)
        finally:
            with self._lock:
                self.ended += 1


def put(writes: Writes, size: int) -> None:
    items = [{"pk": {"S": "room"}, "sk": {"S": f"{number}"}} for number in range(size)]
    Table(cast("Clients", writes), Settings()).put_all(items)


def test_as_many_writes_as_there_are_writers_are_under_way_at_once() -> None:
    together = Barrier(WRITERS)

    def write(_number: int, _requests: Sequence[Item]) -> list[Item]:
        together.wait(SECONDS)  # which fails unless all of them come
        return []

    writes = Writes(write)
    put(writes, 2 * WRITERS * MAX_BATCH_ITEMS)

    assert (writes.begun, writes.ended) == (2 * WRITERS, 2 * WRITERS)


@pytest.mark.parametrize("size", [0, 1, MAX_BATCH_ITEMS, MAX_BATCH_ITEMS + 1, 10 * MAX_BATCH_ITEMS - 1])
def test_every_item_is_written_once(size: int) -> None:
    written: list[str] = []

    def write(_number: int, requests: Sequence[Item]) -> list[Item]:
        assert 1 <= len(requests) <= MAX_BATCH_ITEMS
        written.extend(request["PutRequest"]["Item"]["sk"]["S"] for request in requests)
        return []

    put(Writes(write), size)

    assert sorted(written, key=int) == [str(number) for number in range(size)]


def test_after_a_failure_no_write_begins_and_those_under_way_end() -> None:
    failed = Event()

    def write(number: int, _requests: Sequence[Item]) -> list[Item]:
        if number == WRITERS - 1:  # the last one of those that begin at once
            failed.set()
            raise OutageError("InternalServerError")
        failed.wait(SECONDS)
        return []

    writes = Writes(write)
    with pytest.raises(OutageError) as outage:
        put(writes, 10 * WRITERS * MAX_BATCH_ITEMS)

    # then: a writer that ended before it saw the failure may have begun one more
    assert outage.value.cause == "InternalServerError"
    assert writes.begun == writes.ended
    assert writes.begun <= 2 * WRITERS - 1


def test_each_write_retries_what_is_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("zego_service.table.time.sleep", pauses.append)
    written: set[str] = set()

    def write(_number: int, requests: Sequence[Any]) -> list[Item]:
        written.add(requests[0]["PutRequest"]["Item"]["sk"]["S"])
        return list(requests[1:])[:3]  # as when a table is throttled

    put(Writes(write), 4 * MAX_BATCH_ITEMS)

    assert len(pauses) == 4 * 3
    assert len(written) == 4 * 4


def test_each_writer_has_a_connection_of_its_own() -> None:
    """With fewer, connections would be made and dropped again."""
    client = Clients(bulk=True)._client("dynamodb")

    assert client.meta.config.max_pool_connections >= WRITERS
