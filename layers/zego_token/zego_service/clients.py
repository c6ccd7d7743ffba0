"""The calls that the service makes to AWS: the clients, their timeouts, and what an outage is.

Clients are made when they are first used. In Lambda, a small client makes the calls that a first request
needs, so that boto3 need not be loaded for them. boto3 makes all others. Every operation raises
:class:`OutageError` where AWS refuses, cannot be reached or answers what cannot be read, or where the
request's time is up.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from zego_service.aws_environment import HotService, endpoint_of, is_plain_lambda
from zego_service.aws_json import AwsError, JsonClient, Patience
from zego_service.deadline import Deadline
from zego_service.errors import OutageError
from zego_service.tls import Trust

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocore.model import OperationModel
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client

Service = Literal["dynamodb", "events", "kms", "s3", "secretsmanager"]
Item = dict[str, Any]
_METHODS = {  # boto3's names
    "GetSecretValue": "get_secret_value",
    "GetItem": "get_item",
    "Query": "query",
    "UpdateItem": "update_item",
}


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

    ``made`` are clients of boto3 to use instead. Other services that the small client knows are its own,
    where the environment allows.
    """

    def __init__(self, *, bulk: bool = False, made: "Mapping[str, Any] | None" = None) -> None:
        self._bulk = bulk
        self._made: dict[str, Any] = dict(made or {})
        self._small: dict[HotService, JsonClient] = {}
        self.deadline = Deadline()
        self._add_small_clients()

    def prepare(self, *services: Service) -> None:
        """Make these clients now, outside of a request. The provisioner also writes, which boto3 does."""
        for service in services:
            if service not in self._small or self._bulk:
                self._client(service)

    def end_within(self, seconds: float | None) -> None:
        """Set the request's deadline. Calls that could outlast it are not sent. None removes it."""
        self.deadline.end_within(seconds)

    # Secrets Manager and KMS

    def get_secret_value(self, secret_id: str, **version: str) -> str | None:
        """A secret's text; None where it is binary. The default is its current version."""
        answer = self._ask("secretsmanager", "GetSecretValue", SecretId=secret_id, **version)
        secret = answer.get("SecretString")
        if secret is not None and not isinstance(secret, str):
            raise OutageError("ResponseParserError")
        return secret

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
        answer = self._ask("dynamodb", "GetItem", TableName=table, Key=key, ConsistentRead=True)
        with _answered():
            return _item(answer.get("Item"))

    def query(self, table: str, **conditions: Any) -> tuple[list[Item], Item | None]:
        """One page of items, and the key to go on after; None after the last page."""
        page = self._ask("dynamodb", "Query", TableName=table, ConsistentRead=True, **conditions)
        with _answered():
            return [_item(item) or {} for item in page["Items"]], _item(page.get("LastEvaluatedKey"))

    def update_item(self, table: str, key: Item, **update: Any) -> None:
        """Update or make an item. Raises :class:`ConditionFailedError`."""
        self._ask("dynamodb", "UpdateItem", TableName=table, Key=key, **update)

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

    def _ask(self, service: HotService, operation: str, **request: Any) -> dict[str, Any]:
        """The answer to an operation, by the small client where it is in use, else by boto3."""
        small = self._small.get(service)
        with _answered():
            if small is not None:
                return small.call(operation, request)
            answer: dict[str, Any] = getattr(self._client(service), _METHODS[operation])(**request)
            return answer

    def _add_small_clients(self) -> None:
        if not is_plain_lambda(os.environ):
            return
        trust = Trust(os.environ)
        services: tuple[HotService, ...] = ("secretsmanager", "dynamodb")
        for service in services:
            endpoint, patience = endpoint_of(service, os.environ), patience_for(service, bulk=self._bulk)
            if endpoint is not None and service not in self._made:
                check = partial(self.deadline.require, patience.attempt_seconds)
                self._small[service] = JsonClient(service, endpoint, trust, patience, check)

    @property
    def _dynamodb(self) -> "DynamoDBClient":
        return self._client("dynamodb")  # type: ignore[no-any-return]

    def _client(self, service: Service) -> Any:
        if service not in self._made:
            with _answered():
                self._made[service] = self._new(service, patience_for(service, bulk=self._bulk))
        return self._made[service]

    def _new(self, service: Service, patience: Patience) -> Any:
        import boto3
        from botocore.config import Config

        retries: Any = {"mode": "standard", "total_max_attempts": patience.attempts}
        config = Config(connect_timeout=patience.connect, read_timeout=patience.read, retries=retries)
        client = boto3.client(service, config=config)
        seconds, deadline = patience.attempt_seconds, self.deadline

        def check_send(**_: object) -> None:
            deadline.require(seconds)

        def check_retry(
            attempts: int, response: Any, caught_exception: Exception | None, **_: object
        ) -> None:
            deadline.require_backoff(seconds, attempts, response, caught_exception)

        client.meta.events.register_first("before-send", check_send)
        client.meta.events.register_first("needs-retry", check_retry)
        client.meta.events.register("before-parse", _check_json)
        return client


@contextmanager
def _answered() -> Iterator[None]:
    """Turn every failure of an operation into :class:`OutageError`."""
    try:
        yield
    except (OutageError, ConditionFailedError):
        raise
    except AwsError as error:
        raise _refused(error.code, error.item) from None
    # Something in the answer is missing or has another type.
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise OutageError(type(error).__name__) from None
    except Exception as error:
        failure = _refused_by_boto3(error)
        if failure is None:
            raise
        raise failure from None


def _refused(code: str, item: Item) -> Exception:
    return ConditionFailedError(item) if code == "ConditionalCheckFailedException" else OutageError(code)


def _refused_by_boto3(error: Exception) -> Exception | None:
    """What an error of boto3 stands for; None where it is none of boto3's."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    if isinstance(error, ClientError):
        item: Any = error.response.get("Item", {})
        return _refused(error.response.get("Error", {}).get("Code") or "Unknown", item)
    if isinstance(error, BotoCoreError | ResponseParserError):
        return OutageError(type(error).__name__)
    return None


def _item(value: Item | None) -> Item | None:
    """An item of an answer, if it has the form of one."""
    if value is not None and not isinstance(value, dict):
        raise TypeError
    return value


def _check_json(operation_model: "OperationModel", response_dict: dict[str, Any], **_: object) -> None:
    """Refuse an answer that is not a JSON object, which botocore would take for an empty one."""
    if operation_model.service_model.resolved_protocol != "json" or _is_json_object(response_dict["body"]):
        return
    if response_dict["status_code"] < 300:
        from botocore.parsers import ResponseParserError

        raise ResponseParserError("the answer is not a JSON object")
    response_dict["body"] = b"{}"  # an error is known by its status


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
