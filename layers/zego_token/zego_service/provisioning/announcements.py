"""Events that tell others what was provisioned: counts and keys, nothing of what is in a token."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from zego_service.errors import AnnouncementFailedError, GrantsUnavailableError
from zego_service.settings import Settings
from zego_service.table import BULK_CLIENT_CONFIG, reachable
from zego_service.telemetry import count, logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient

SOURCE = "zego-token-service"
ROOM_PROVISIONED = "Zego Room Provisioned"
ROSTER_PROVISIONED = "Zego Roster Provisioned"
TOKENS_PROVISIONED = "Zego Tokens Provisioned"
REJECTED = "Zego Provisioning Rejected"
REMEMBERED_SECONDS = 30 * 86_400  # longer than any queue keeps an event that may come again


def events_client() -> "EventBridgeClient":
    """A client that gives up on a dead endpoint after some fifteen seconds."""
    return boto3.client("events", config=BULK_CLIENT_CONFIG)


class Announcements:
    """Emits each event once, however often the one that caused it comes."""

    def __init__(
        self,
        events: "EventBridgeClient",
        dynamodb: "DynamoDBClient",
        settings: Settings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._events = events
        self._dynamodb = dynamodb
        self._table = settings.table
        self._bus = settings.event_bus
        self._clock = clock

    def once(self, occasion: str, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Emit an event, unless one was emitted on the same occasion.

        It may be emitted twice where the process dies between emitting and remembering it. Raises
        :class:`GrantsUnavailableError` or :class:`AnnouncementFailedError`; then it is to be tried again.
        """
        key = _key(occasion)
        with reachable("GrantsUnavailable", GrantsUnavailableError):
            known = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        if "Item" in known:
            return
        self._emit(detail_type, detail)
        expires_at = {"N": str(int(self._clock()) + REMEMBERED_SECONDS)}
        with reachable("GrantsUnavailable", GrantsUnavailableError):
            self._dynamodb.put_item(TableName=self._table, Item={**key, "expires_at": expires_at})

    def _emit(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        entry = {
            "Source": SOURCE,
            "DetailType": detail_type,
            "Detail": json.dumps({"version": 1, **detail}),
            "EventBusName": self._bus,
        }
        try:
            failed = self._events.put_events(Entries=[entry])["FailedEntryCount"]  # type: ignore[list-item]
        except (ClientError, BotoCoreError) as error:
            logger.error("EventBridge cannot be reached", cause=type(error).__name__)
            failed = 1
        if failed:
            count("AnnouncementFailed")
            raise AnnouncementFailedError()


def _key(occasion: str) -> dict[str, Any]:
    # Hashed, because an occasion may be longer than a key.
    digest = hashlib.sha256(occasion.encode("utf-8", "surrogatepass")).hexdigest()
    return {"pk": {"S": f"ANNOUNCED#{digest}"}, "sk": {"S": "EVENT"}}
