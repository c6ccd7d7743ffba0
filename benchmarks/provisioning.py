"""Grants a second that one worker of the provisioner writes, in batches of a roster and in whole rooms.

First over moto's table; then over one that answers at once, which leaves what our own code and boto3
take. What a worker does over DynamoDB is computed from that, for an assumed time of each write.
"""

import io
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from moto import mock_aws

from local.aws import DEMO_APP_ID, create_stack, create_table, use_local_credentials
from local.gateway import LocalContext
from provisioner.handler import create_handler
from zego_service.clients import Clients
from zego_service.deployment import Deployment
from zego_service.provisioning.provisioner import ROOM_SCHEDULED
from zego_service.settings import Settings
from zego_service.table import MAX_BATCH_ITEMS
from zego_service.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client

ROUNDS = 5
ROSTER_ROWS = 500
PARTICIPANTS = 1_000
ASSUMED_WRITE_SECONDS = 0.01  # of one BatchWriteItem, for what a worker would do over DynamoDB
SETTINGS = Settings(default_app_id=DEMO_APP_ID)
WINDOW = {"starts_at": "2026-12-01T09:00:00Z", "ends_at": "2027-12-01T10:00:00Z"}
Make = Callable[[int], dict[str, Any]]


class Raw(io.BytesIO):
    """A body as it comes from the network."""

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self.read()


def main() -> None:
    use_local_credentials()
    logger.registered_handler.setStream(io.StringIO())  # type: ignore[attr-defined]
    for name, grants, make in SUBJECTS:
        with redirect_stdout(io.StringIO()):
            over_moto, at_once = _over_moto(make), _at_once(make)
        writes = -(-grants // MAX_BATCH_ITEMS)
        over_dynamodb = at_once + writes * ASSUMED_WRITE_SECONDS
        print(_line(f"{name}, moto's table", grants, over_moto))
        print(_line(f"{name}, a table that answers at once", grants, at_once))
        assumed = f"{ASSUMED_WRITE_SECONDS * 1e3:.0f} ms"
        print(_line(f"{name}, if it took {assumed} a write", grants, over_dynamodb))


def _over_moto(make: Make) -> float:
    with mock_aws():
        create_table()
        create_stack()
        return _seconds(_handler(boto3.client("dynamodb"), boto3.client("events"), boto3.client("s3")), make)


def _at_once(make: Make) -> float:
    dynamodb, events, s3 = clients = boto3.client("dynamodb"), boto3.client("events"), boto3.client("s3")
    for client, body in zip(clients, (b'{"Items": []}', b'{"FailedEntryCount": 0}', b""), strict=True):
        client.meta.events.register("before-send", partial(_answer, body))  # type: ignore[arg-type]
    return _seconds(_handler(dynamodb, events, s3), make)


def _answer(body: bytes, request: AWSPreparedRequest, **_: object) -> AWSResponse:
    """What is answered instead of sending the request: nothing is found, all is taken."""
    return AWSResponse(request.url, 200, HeadersDict(), Raw(body))  # type: ignore[arg-type]


def _handler(
    dynamodb: "DynamoDBClient", events: "EventBridgeClient", s3: "S3Client"
) -> Callable[[dict[str, Any]], Mapping[str, Any]]:
    clients = Clients(bulk=True, made={"dynamodb": dynamodb, "events": events, "s3": s3})
    handler = create_handler(Deployment.over(SETTINGS, clients))
    return lambda event: handler(event, LocalContext())


def _seconds(handle: Callable[[dict[str, Any]], Mapping[str, Any]], make: Make) -> float:
    """Seconds that an event takes; each is for another room, and the first one does not count."""
    times = []
    for number in range(ROUNDS + 1):
        event = make(number)
        started = time.perf_counter()
        answer = handle(event)
        times.append(time.perf_counter() - started)
        if answer["rejected"]:
            raise SystemExit(f"{answer['rejected']} grants were rejected")
    return median(times[1:])


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


def _line(name: str, grants: int, seconds: float) -> str:
    return f"provisioning: {name:52}{grants / seconds:10,.0f} grants/s{seconds * 1e3:10.1f} ms each"


SUBJECTS: list[tuple[str, int, Make]] = [
    (f"roster, batches of {ROSTER_ROWS}", ROSTER_ROWS, roster_batch),
    (f"rooms of {PARTICIPANTS} participants", PARTICIPANTS, room_event),
]

if __name__ == "__main__":
    main()
