"""An embedded AWS with all that provisioning needs, events as AWS sends them, and what can be seen afterwards."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3

from local.aws import create_stack, create_table
from provisioner.handler import Handler, create_handler
from tests.factories import APP_ID, SECRET, FakeContext
from zego_service.announcements import Announcements, events_client
from zego_service.bucket import Bucket, s3_client
from zego_service.callers import Caller, CallerKind
from zego_service.errors import NotEntitledError
from zego_service.grants import Grant
from zego_service.provisioned import kms_client
from zego_service.provisioning import Provisioner
from zego_service.rejections import Rejections
from zego_service.requests import TokenRequest
from zego_service.rooms import RoomKey
from zego_service.roster_runs import RosterRuns
from zego_service.secret_store import secrets_manager_client
from zego_service.service import TokenService, token_service
from zego_service.settings import Settings
from zego_service.table import Item, dynamodb_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient

# A window that is open for as long as these tests will be run.
MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
STARTS_AT, ENDS_AT = (int((MIDNIGHT + timedelta(days=days)).timestamp()) for days in (-30, 30))
BACKEND = Caller(CallerKind.SERVICE, "backend", frozenset(), "jwt")
QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:provisioning"
# What differs between two runs that do the same.
_OF_THE_RUN = {"ANNOUNCED": {"expires_at"}, "PROVISIONED": {"expires_at", "data_key", "sealed"}}


@dataclass(frozen=True)
class Clients:
    """A client for each service."""

    dynamodb: "DynamoDBClient"
    events: "EventBridgeClient"
    s3: "S3Client"
    kms: "KMSClient"
    secrets_manager: "SecretsManagerClient"

    @classmethod
    def new(cls) -> "Clients":
        return cls(dynamodb_client(), events_client(), s3_client(), kms_client(), secrets_manager_client())


class Deployment:
    """A table, a bucket, a key, the app's secret, and a bus whose events end in a queue."""

    def __init__(self) -> None:
        self.clients = Clients.new()
        create_table()
        create_stack()
        self.settings = Settings(default_app_id=APP_ID)
        self.clients.secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
        self._sqs = boto3.client("sqs")
        self._queue = self._sqs.create_queue(QueueName="emitted")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        bus = self.settings.event_bus
        self.clients.events.put_rule(
            Name="all", EventBusName=bus, EventPattern='{"source": [{"prefix": ""}]}'
        )
        target = {"Id": "queue", "Arn": arn["Attributes"]["QueueArn"]}
        self.clients.events.put_targets(Rule="all", EventBusName=bus, Targets=[target])  # type: ignore[list-item]
        self._start()

    def _start(self) -> None:
        """Start a process, which has nothing cached."""
        self.service = self.service_over(self.clients)
        self.handler = self.handler_over(self.clients)

    def service_over(self, clients: Clients) -> TokenService:
        return token_service(
            self.settings, clients.secrets_manager, clients.dynamodb, make_kms=lambda: clients.kms
        )

    def handler_over(self, clients: Clients) -> Handler:
        """The provisioner in a process of its own."""
        service = self.service_over(clients)
        announcements = Announcements(clients.events, clients.dynamodb, self.settings)
        bucket = Bucket(clients.s3, self.settings)
        return create_handler(
            Provisioner(service, announcements, Rejections(bucket)),
            RosterRuns(service.grants, announcements, bucket, self.settings),
        )

    def __call__(self, event: Any) -> dict[str, Any]:
        return invoke(self.handler, event)

    def rows(self, prefix: str = "") -> list[Item]:
        """The table's rows whose partition begins with ``prefix``, in order."""
        pages = self.clients.dynamodb.get_paginator("scan").paginate(TableName=self.settings.table)
        rows = [item for page in pages for item in page["Items"] if item["pk"]["S"].startswith(prefix)]
        return sorted(rows, key=lambda row: (row["pk"]["S"], row["sk"]["S"]))

    def lasting_rows(self) -> list[Item]:
        """All rows, but for what is of the moment or random."""
        return [
            {name: row[name] for name in row if name not in _OF_THE_RUN.get(row["pk"]["S"].split("#")[0], ())}
            for row in self.rows()
        ]

    def emitted(self) -> list[tuple[str, dict[str, Any]]]:
        """The type and the detail of each event since the last call, in order of both."""
        emitted = []
        while messages := self._sqs.receive_message(
            QueueUrl=self._queue, MaxNumberOfMessages=10, VisibilityTimeout=600
        ).get("Messages"):
            events = [json.loads(message["Body"]) for message in messages]
            emitted += [(event["detail-type"], event["detail"]) for event in events]
            # Moto looks at each message that is left, every time.
            handles = [{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in messages]
            self._sqs.delete_message_batch(QueueUrl=self._queue, Entries=handles)  # type: ignore[arg-type]
        return sorted(emitted, key=repr)

    def objects(self, prefix: str = "") -> dict[str, str]:
        """The bucket's objects, as text."""
        bucket = Bucket(self.clients.s3, self.settings)
        return {key: bucket.get(key) for key in bucket.keys(prefix)}

    def clear(self) -> None:
        """Leave no row, no object and no event, and start a process of its own."""
        keys = [{"pk": row["pk"], "sk": row["sk"]} for row in self.rows()]
        for start in range(0, len(keys), 25):
            requests = [{"DeleteRequest": {"Key": key}} for key in keys[start : start + 25]]
            self.clients.dynamodb.batch_write_item(
                RequestItems={self.settings.table: requests}  # type: ignore[dict-item]
            )
        for key in Bucket(self.clients.s3, self.settings).keys(""):
            self.clients.s3.delete_object(Bucket=self.settings.bucket, Key=key)
        self.emitted()
        self._start()

    def answer(self, room_id: str, user_id: str) -> str | tuple[bool, bool, tuple[str, ...] | None, int]:
        """What a user may do in a room now, and until when; or the rule that keeps it out."""
        try:
            granted = self.service.admission.granted(BACKEND, TokenRequest(user_id=user_id, room_id=room_id))
        except NotEntitledError as error:
            return error.rule or ""
        privilege = granted.token.privilege
        assert privilege is not None
        return privilege.login, privilege.publish, granted.token.stream_ids, granted.ends_at

    def listed(self, room_id: str, page_size: int) -> list[Grant]:
        """All grants that are listed for a room, page by page."""
        return list(self._listed(RoomKey(APP_ID, room_id), page_size))

    def _listed(self, key: RoomKey, page_size: int) -> Iterator[Grant]:
        after = None
        while True:
            page = self.service.grants.page(key, page_size, after)
            assert len(page.grants) <= page_size
            yield from page.grants
            after = page.next_key
            if after is None:
                return


class PlainTable:
    """The table in memory, as far as rosters use it: moto would take minutes for a large one."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Item] = {}

    def get_item(self, *, Key: Item, **_: object) -> dict[str, Item]:  # noqa: N803
        row = self.rows.get((Key["pk"]["S"], Key["sk"]["S"]))
        return {} if row is None else {"Item": row}

    def put_item(self, *, Item: Item, **_: object) -> None:  # noqa: N803
        self.rows[Item["pk"]["S"], Item["sk"]["S"]] = Item

    def batch_write_item(self, *, RequestItems: dict[str, list[Item]]) -> dict[str, Any]:  # noqa: N803
        ((_, requests),) = RequestItems.items()
        items = [request["PutRequest"]["Item"] for request in requests]
        assert len({(item["pk"]["S"], item["sk"]["S"]) for item in items}) == len(items) <= 25
        for item in items:
            self.put_item(Item=item)
        return {"UnprocessedItems": {}}


def invoke(handler: Handler, event: Any) -> dict[str, Any]:
    return dict(handler(event, FakeContext()))


def room_detail(
    *participants: object, revision: int = 1, room_id: str = "demo", **others: Any
) -> dict[str, Any]:
    """The detail of a room that is scheduled; a participant that is text is a user."""
    window = {"starts_at": STARTS_AT, "ends_at": ENDS_AT}
    entries = [{"user_id": entry} if isinstance(entry, str) else entry for entry in participants]
    return {**cancellation(revision, room_id), **window, "participants": entries, **others}


def cancellation(revision: int, room_id: str = "demo") -> dict[str, Any]:
    return {"version": 1, "app_id": APP_ID, "room_id": room_id, "revision": revision}


def tokens_detail(request_id: str = "r-1", **others: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "request_id": request_id,
        "app_id": APP_ID,
        "effective_time_in_seconds": 600,
        **others,
    }


def event_of(
    detail_type: str, detail: object, event_id: str = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"
) -> dict[str, Any]:
    """An event as EventBridge delivers it."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": detail_type,
        "source": "com.example.booking",
        "account": "123456789012",
        "time": "2026-11-22T10:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": detail,
    }


def scheduled(*participants: object, **others: Any) -> dict[str, Any]:
    return event_of("Zego Room Scheduled", room_detail(*participants, **others))


def cancelled(revision: int, room_id: str = "demo") -> dict[str, Any]:
    return event_of("Zego Room Cancelled", cancellation(revision, room_id))


def message(body: object, message_id: str = "m-1") -> dict[str, Any]:
    """A message of a queue as Lambda gets it: ``body`` to the letter if it is text, or else as JSON."""
    return {
        "messageId": message_id,
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1795340000000",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1795340000001",
        },
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE_ARN,
        "awsRegion": "eu-central-1",
    }


def queue_batch(*bodies: object) -> dict[str, Any]:
    """A batch of messages: ``m-0``, ``m-1`` and so on."""
    return {"Records": [message(body, f"m-{index}") for index, body in enumerate(bodies)]}


def failed_messages(answer: Mapping[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def run_of(execution: str = "run-1", file_format: str = "csv", uploaded_at: str = "") -> Any:
    """What the state machine says of a roster with every batch, and at the end."""
    roster = {
        "bucket": "zego-tokens",
        "key": f"rosters/term.{file_format}",
        "uploaded_at": uploaded_at or at_hour(10),
        "format": file_format,
    }
    return {"roster": roster, "execution": execution}


def roster_batch(records: Mapping[int, object], **run: str) -> dict[str, Any]:
    """Records by their index in the roster, as the state machine hands them over."""
    items = [{"index": index, "record": record} for index, record in records.items()]
    return {"BatchInput": run_of(**run), "Items": items}


def roster_end(tolerated_bad_percent: int = 5, **run: str) -> dict[str, Any]:
    return {**run_of(**run), "tolerated_bad_percent": tolerated_bad_percent}


def at_hour(hour: int) -> str:
    """An hour of today, as S3's events have it."""
    return (MIDNIGHT + timedelta(hours=hour)).isoformat()


def row_of(user_id: str, room_id: str = "demo", **others: str) -> dict[str, str]:
    """The cells of a CSV row."""
    moments = (datetime.fromtimestamp(seconds, UTC).isoformat() for seconds in (STARTS_AT, ENDS_AT))
    window = dict(zip(("starts_at", "ends_at"), moments, strict=True))
    return {"user_id": user_id, "room_id": room_id, **window, **others}
