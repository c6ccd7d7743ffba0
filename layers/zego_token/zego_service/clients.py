"""The calls that the service makes to AWS: the clients, their timeouts, and what an outage is.

Clients are made when they are first used. Every operation raises :class:`OutageError` where AWS refuses,
cannot be reached or answers what cannot be read, or where the request's time is up.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from zego_service.errors import OutageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocore.model import OperationModel
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient

Service = Literal["dynamodb", "events", "kms", "s3", "secretsmanager"]
Item = dict[str, Any]
ANSWER_SECONDS = 0.5  # what is left for the function to answer after its last call to AWS


class Patience(NamedTuple):
    """How long a call may take: seconds for a connection, seconds for an answer, and attempts."""

    connect: float
    read: float
    attempts: int

    @property
    def attempt_seconds(self) -> float:
        """The longest that one attempt takes."""
        return self.connect + self.read


# A caller waits. A dead endpoint costs two attempts of three seconds, inside the function's ten.
_WITHIN_A_REQUEST = Patience(connect=1, read=2, attempts=2)
# Every token waits for the table: it must answer at once, or be done without.
_AT_ONCE = Patience(connect=0.5, read=0.5, attempts=2)
# Nobody waits for the provisioner, so its calls should get through.
_BULK = Patience(connect=1, read=3, attempts=4)


def patience_for(service: Service, *, bulk: bool) -> Patience:
    """How long the calls to a service may take; ``bulk`` is for the provisioner."""
    if service in ("secretsmanager", "kms"):
        return _WITHIN_A_REQUEST
    return _AT_ONCE if service == "dynamodb" and not bulk else _BULK


class ConditionFailedError(Exception):
    """The condition of a write does not hold. ``item`` is what is there, where it was asked for."""

    def __init__(self, item: Item) -> None:
        super().__init__("the condition does not hold")
        self.item = item


class Clients:
    """A client for each service, made when it is first used, and the operations over them.

    ``made`` are clients to use instead.
    """

    def __init__(self, *, bulk: bool = False, made: "Mapping[str, Any] | None" = None) -> None:
        self._bulk = bulk
        self._made: dict[str, Any] = dict(made or {})
        self._ends_at: float | None = None

    def prepare(self, *services: Service) -> None:
        """Make these clients now, outside of a request."""
        for service in services:
            self._client(service)

    def end_within(self, seconds: float | None) -> None:
        """Set the request's deadline. Calls that could outlast it are not sent. None removes it."""
        self._ends_at = None if seconds is None else time.monotonic() + seconds

    # Secrets Manager and KMS

    def get_secret_value(self, secret_id: str, **version: str) -> str | None:
        """A secret's text; None where it is binary. The default is its current version."""
        client: SecretsManagerClient = self._client("secretsmanager")
        with _answered():
            return client.get_secret_value(SecretId=secret_id, **version).get("SecretString")

    def generate_data_key(self, key_id: str, context: dict[str, str]) -> tuple[bytes, bytes]:
        """A new AES-256 key: as it is, and encrypted under the KMS key."""
        client: KMSClient = self._client("kms")
        with _answered():
            made = client.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=context)
            return made["Plaintext"], made["CiphertextBlob"]

    def decrypt(self, encrypted: bytes, context: dict[str, str]) -> bytes:
        """What KMS encrypted in the same context."""
        client: KMSClient = self._client("kms")
        with _answered():
            return client.decrypt(CiphertextBlob=encrypted, EncryptionContext=context)["Plaintext"]

    # DynamoDB. Reads are strongly consistent.

    def get_item(self, table: str, key: Item) -> Item | None:
        """The item of a key; None where there is none."""
        with _answered():
            return self._dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")

    def query(self, table: str, **conditions: Any) -> tuple[list[Item], Item | None]:
        """One page of items, and the key to go on after; None after the last page."""
        with _answered():
            page = self._dynamodb.query(TableName=table, ConsistentRead=True, **conditions)
            return page["Items"], page.get("LastEvaluatedKey")

    def update_item(self, table: str, key: Item, **update: Any) -> None:
        """Update or make an item. Raises :class:`ConditionFailedError`."""
        with _answered():
            self._dynamodb.update_item(TableName=table, Key=key, **update)

    def put_item(self, table: str, item: Item, **conditions: Any) -> None:
        """Put or replace an item. Raises :class:`ConditionFailedError`."""
        with _answered():
            self._dynamodb.put_item(TableName=table, Item=item, **conditions)

    def delete_item(self, table: str, key: Item) -> bool:
        """Delete an item; False where there was none."""
        with _answered():
            answer = self._dynamodb.delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD")
            return "Attributes" in answer

    def write_items(self, table: str, requests: "Sequence[Item]") -> list[Item]:
        """Put and delete at most 25 items; returns the requests that are left over."""
        with _answered():
            answer = self._dynamodb.batch_write_item(RequestItems={table: requests})  # type: ignore[dict-item]
            return answer.get("UnprocessedItems", {}).get(table, [])  # type: ignore[return-value]

    # S3 and EventBridge

    def put_object(self, bucket: str, key: str, text: str, media_type: str) -> None:
        """Write or replace an object, which is text."""
        client: S3Client = self._client("s3")
        with _answered():
            content_type = f"{media_type}; charset=utf-8"
            client.put_object(Bucket=bucket, Key=key, Body=text.encode(), ContentType=content_type)

    def get_object(self, bucket: str, key: str) -> str:
        """An object's text."""
        client: S3Client = self._client("s3")
        with _answered():
            return client.get_object(Bucket=bucket, Key=key)["Body"].read().decode()

    def object_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """The keys that begin with ``prefix``, in order."""
        client: S3Client = self._client("s3")
        with _answered():
            for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for entry in page.get("Contents", ()):
                    yield entry["Key"]

    def put_event(self, entry: dict[str, str]) -> None:
        """Emit one event."""
        client: EventBridgeClient = self._client("events")
        with _answered():
            failed = client.put_events(Entries=[entry])["FailedEntryCount"]  # type: ignore[list-item]
        if failed:
            raise OutageError("FailedEntry")

    @property
    def _dynamodb(self) -> "DynamoDBClient":
        return self._client("dynamodb")  # type: ignore[no-any-return]

    def _client(self, service: Service) -> Any:
        if service not in self._made:
            with _answered():
                self._made[service] = self._new(service, patience_for(service, bulk=self._bulk))
        return self._made[service]

    def _new(self, service: Service, patience: Patience) -> Any:
        retries: Any = {"mode": "standard", "total_max_attempts": patience.attempts}
        config = Config(connect_timeout=patience.connect, read_timeout=patience.read, retries=retries)
        client = boto3.client(service, config=config)

        def check_deadline(**_: object) -> None:
            last_start = patience.attempt_seconds + ANSWER_SECONDS
            if self._ends_at is not None and time.monotonic() + last_start > self._ends_at:
                raise OutageError("DeadlineExceeded")

        client.meta.events.register_first("before-send", check_deadline)
        client.meta.events.register("before-parse", _check_json)
        return client


@contextmanager
def _answered() -> Iterator[None]:
    """Turn every failure of an operation into :class:`OutageError`."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code") or "Unknown"
        if code == "ConditionalCheckFailedException":
            raise ConditionFailedError(error.response.get("Item", {})) from None  # type: ignore[arg-type]
        raise OutageError(code) from None
    # The last ones: something in the answer is missing or has another type.
    except (BotoCoreError, ResponseParserError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise OutageError(type(error).__name__) from None


def _check_json(operation_model: "OperationModel", response_dict: dict[str, Any], **_: object) -> None:
    """Refuse an answer that is not a JSON object, which botocore would take for an empty one."""
    if operation_model.service_model.resolved_protocol != "json" or _is_json_object(response_dict["body"]):
        return
    if response_dict["status_code"] < 300:
        raise ResponseParserError("the answer is not a JSON object")
    response_dict["body"] = b"{}"  # an error is known by its status


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
