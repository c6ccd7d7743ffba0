"""Grants a second that one worker of the provisioner writes, in batches of a roster and in whole rooms.

First over moto's table; then over one that answers at once, which leaves what our own code and boto3
take; then over one that answers after 10 ms, about what a worker waits for in AWS. That time is an
assumption. Each with one write at a time, as before, and with several at once, in turns.
"""

import io
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from moto import mock_aws

from benchmarks.report import quartiles, save, show
from local.aws import DEMO_APP_ID, create_stack, create_table, use_local_credentials
from local.gateway import LocalContext
from provisioner.handler import create_handler
from zego_service import table
from zego_service.clients import Clients
from zego_service.deployment import Deployment
from zego_service.provisioning.provisioner import ROOM_SCHEDULED
from zego_service.settings import Settings
from zego_service.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client

ROUNDS = 7
ROSTER_ROWS = 500
PARTICIPANTS = 1_000
ANSWER_SECONDS = 0.01  # of DynamoDB, to one BatchWriteItem
SETTINGS = Settings(default_app_id=DEMO_APP_ID)
WINDOW = {"starts_at": "2026-12-01T09:00:00Z", "ends_at": "2027-12-01T10:00:00Z"}
Make = Callable[[int], dict[str, Any]]
Handle = Callable[[dict[str, Any]], Mapping[str, Any]]
ONE, SEVERAL = 1, table.WRITERS


class Raw(io.BytesIO):
    """A body as it comes from the network."""

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self.read()


def main() -> None:
    use_local_credentials()
    logger.registered_handler.setStream(io.StringIO())  # type: ignore[attr-defined]
    rows = []
    for name, grants, make in SUBJECTS:
        for over, measure in TABLES.items():
            with redirect_stdout(io.StringIO()):
                seconds = measure(make)
            speeds = [f"{grants / seconds[writers]:,.0f}" for writers in (ONE, SEVERAL)]
            rows.append((f"{name}, {over}", *speeds, f"{seconds[ONE] / seconds[SEVERAL]:.2f}"))
    show("Grants a second of one worker", ("", "one write at a time", f"{SEVERAL} at once", "ratio"), rows)
    save("provisioning", rows, [])


def _over_moto(make: Make) -> dict[int, float]:
    with mock_aws():
        create_table()
        create_stack()
        return _seconds(_handler(boto3.client("dynamodb"), boto3.client("events"), boto3.client("s3")), make)


def _over_stub(answer_seconds: float, make: Make) -> dict[int, float]:
    dynamodb, events, s3 = clients = boto3.client("dynamodb"), boto3.client("events"), boto3.client("s3")
    for client, body in zip(clients, (b'{"Items": []}', b'{"FailedEntryCount": 0}', b""), strict=True):
        answer = partial(_answer, body, answer_seconds)
        client.meta.events.register("before-send", answer)  # type: ignore[arg-type]
    return _seconds(_handler(dynamodb, events, s3), make)


def _answer(body: bytes, seconds: float, request: AWSPreparedRequest, **_: object) -> AWSResponse:
    """What is answered instead of sending the request: nothing is found, all is taken."""
    if seconds:
        time.sleep(seconds)
    return AWSResponse(request.url, 200, HeadersDict(), Raw(body))  # type: ignore[arg-type]


def _handler(dynamodb: "DynamoDBClient", events: "EventBridgeClient", s3: "S3Client") -> Handle:
    clients = Clients(bulk=True, made={"dynamodb": dynamodb, "events": events, "s3": s3})
    handler = create_handler(Deployment.over(SETTINGS, clients))
    return lambda event: handler(event, LocalContext())


def _seconds(handle: Handle, make: Make) -> dict[int, float]:
    """Seconds that an event takes, by the writes at once; the first event of each does not count."""
    times: dict[int, list[float]] = {ONE: [], SEVERAL: []}
    for number in range(2 * (ROUNDS + 1)):
        writers = (ONE, SEVERAL)[number % 2]
        event = make(number)
        with patch.object(table, "WRITERS", writers):
            started = time.perf_counter()
            answer = handle(event)
            times[writers].append(time.perf_counter() - started)
        if answer["rejected"]:
            raise SystemExit(f"{answer['rejected']} grants were rejected")
    return {writers: quartiles(samples[1:])[0] for writers, samples in times.items()}


def roster_batch(number: int) -> dict[str, Any]:
    roster = {"key": "rosters/bench.csv", "format": "csv", "uploaded_at": "2026-11-22T10:00:00Z"}
    first = number * ROSTER_ROWS
    rows = [
        {"index": index, "record": {"user_id": f"user-{index}", "room_id": f"class-{number}", **WINDOW}}
        for index in range(first, first + ROSTER_ROWS)
    ]
    return {"BatchInput": {"roster": roster, "execution": "bench"}, "Items": rows}


def room_event(number: int) -> dict[str, Any]:
    participants = [{"user_id": f"user-{index}", "publish": True} for index in range(PARTICIPANTS)]
    room = {"version": 1, "room_id": f"room-{number}", "revision": 1, **WINDOW}
    return {"detail-type": ROOM_SCHEDULED, "detail": room | {"participants": participants}}


TABLES: dict[str, Callable[[Make], dict[int, float]]] = {
    "moto's table": _over_moto,
    "answering at once": partial(_over_stub, 0),
    f"answering after {ANSWER_SECONDS * 1e3:.0f} ms": partial(_over_stub, ANSWER_SECONDS),
}
SUBJECTS: list[tuple[str, int, Make]] = [
    (f"roster, batches of {ROSTER_ROWS}", ROSTER_ROWS, roster_batch),
    (f"rooms of {PARTICIPANTS} participants", PARTICIPANTS, room_event),
]

if __name__ == "__main__":
    main()
