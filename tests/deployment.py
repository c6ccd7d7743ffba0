"""An embedded AWS with all that provisioning needs, and what can be seen of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from local.aws import create_stack, create_table
from provisioner.handler import Handler, create_handler
from tests.factories import APP_ID, SECRET, FakeContext
from tests.provisioning_events import ENDS_AT
from zego_service.bucket import Bucket, s3_client
from zego_service.callers import Caller, CallerKind
from zego_service.deployment import TokenService, token_service
from zego_service.errors import NotEntitledError
from zego_service.issuing.requests import TokenRequest
from zego_service.provisioning.announcements import Announcements, events_client
from zego_service.provisioning.grants import Grant
from zego_service.provisioning.provisioner import Provisioner
from zego_service.provisioning.rejections import Rejections
from zego_service.provisioning.rooms import RoomKey
from zego_service.provisioning.roster_runs import RosterRuns
from zego_service.provisioning.vault import kms_client
from zego_service.secret_store import secrets_manager_client
from zego_service.settings import Settings
from zego_service.table import Item, dynamodb_client

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
