"""An embedded AWS with all that provisioning needs, and what can be seen of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import boto3

from local.aws import create_stack, create_table
from provisioner.handler import Handler, create_handler
from tests.factories import APP_ID, SECRET, FakeContext
from tests.provisioning_events import ENDS_AT
from zego_service.bucket import Bucket
from zego_service.callers import Caller, CallerKind
from zego_service.clients import Clients, Item
from zego_service.clock import Clock, Instant
from zego_service.deployment import Deployment as Service
from zego_service.errors import NotEntitledError
from zego_service.issuing.requests import IssuedToken, TokenRequest
from zego_service.provisioning.grant_rows import Grant
from zego_service.provisioning.rooms import RoomKey
from zego_service.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient


BACKEND = Caller(CallerKind.SERVICE, "backend", frozenset(), "jwt")
# What a participant without further rights may do, and until when.
LOGIN = (True, False, None, ENDS_AT)
# What differs between two runs that do the same.
_OF_THE_RUN = {"ANNOUNCED": {"expires_at"}, "PROVISIONED": {"expires_at", "data_key", "sealed"}}


@dataclass(frozen=True)
class AwsClients:
    """A client for each service."""

    dynamodb: "DynamoDBClient"
    events: "EventBridgeClient"
    s3: "S3Client"
    kms: "KMSClient"
    secretsmanager: "SecretsManagerClient"

    @classmethod
    def new(cls) -> "AwsClients":
        return cls(
            boto3.client("dynamodb"),
            boto3.client("events"),
            boto3.client("s3"),
            boto3.client("kms"),
            boto3.client("secretsmanager"),
        )

    def with_its_own_table(self) -> "AwsClients":
        """These clients, but for a new one for the table, which a test may hook into."""
        return replace(self, dynamodb=boto3.client("dynamodb"))

    def service(self, settings: Settings, clock: Clock = Instant.now) -> Service:
        """The service in a process of its own, over these clients."""
        return Service.over(settings, Clients(made=vars(self)), clock)


class Deployment:
    """A table, a bucket, a key, the app's secret, and a bus whose events end in a queue."""

    def __init__(self) -> None:
        self.clients = AwsClients.new()
        create_table()
        create_stack()
        self.settings = Settings(default_app_id=APP_ID)
        self.clients.secretsmanager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
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
        self._bucket = Bucket(self.service.clients, self.settings)
        self.handler = self.handler_over(self.clients)

    def service_over(self, clients: AwsClients) -> Service:
        return clients.service(self.settings)

    def handler_over(self, clients: AwsClients) -> Handler:
        """The provisioner in a process of its own."""
        return create_handler(self.service_over(clients))

    def minted(self, request_id: str, user_id: str, now: Instant | None = None) -> IssuedToken | None:
        """The token that was minted ahead for a user, while it is valid."""
        return self.service.vault.get(request_id, user_id, now or Instant.now())

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
        bucket = self._bucket
        return {key: bucket.get(key) for key in bucket.keys(prefix)}

    def clear(self) -> None:
        """Leave no row, no object and no event, and start a process of its own."""
        keys = [{"pk": row["pk"], "sk": row["sk"]} for row in self.rows()]
        for start in range(0, len(keys), 25):
            requests = [{"DeleteRequest": {"Key": key}} for key in keys[start : start + 25]]
            self.clients.dynamodb.batch_write_item(
                RequestItems={self.settings.table: requests}  # type: ignore[dict-item]
            )
        for key in self._bucket.keys(""):
            self.clients.s3.delete_object(Bucket=self.settings.bucket, Key=key)
        self.emitted()
        self._start()

    def answer(self, room_id: str, user_id: str) -> str | tuple[bool, bool, tuple[str, ...] | None, int]:
        """What a user may do in a room now, and until when; or the rule that keeps it out."""
        try:
            request = TokenRequest(user_id=user_id, room_id=room_id)
            granted = self.service.admission.granted(BACKEND, request, Instant.now())
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
