"""Events that announce what was provisioned: counts and keys, and nothing of a token."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from zego_service.clients import Clients, Item
from zego_service.clock import Instant
from zego_service.errors import AnnouncementFailedError, GrantsUnavailableError, OutageError
from zego_service.settings import Settings
from zego_service.table import Table, reporting
from zego_service.telemetry import count, logger

SOURCE = "zego-token-service"
ROOM_PROVISIONED = "Zego Room Provisioned"
ROSTER_PROVISIONED = "Zego Roster Provisioned"
TOKENS_PROVISIONED = "Zego Tokens Provisioned"
REJECTED = "Zego Provisioning Rejected"
REMEMBERED_SECONDS = 30 * 86_400  # longer than a queue keeps an event, which may be delivered again


class Announcements:
    """Emits each event once, even if its cause is delivered again."""

    def __init__(self, clients: Clients, table: Table, settings: Settings) -> None:
        self._clients = clients
        self._table = table
        self._bus = settings.event_bus

    def once(self, occasion: str, detail_type: str, detail: Mapping[str, Any], now: Instant) -> None:
        """Emit an event, unless it was emitted before on the same occasion.

        If the process dies before it remembers the event, the event may be emitted twice. Raises
        :class:`GrantsUnavailableError` or :class:`AnnouncementFailedError`; then retry.
        """
        key = _key(occasion)
        with reporting("GrantsUnavailable", GrantsUnavailableError):
            known = self._table.get(key)
        if known is not None:
            return
        self._emit(detail_type, detail)
        expires_at = {"N": str(now.unix + REMEMBERED_SECONDS)}
        with reporting("GrantsUnavailable", GrantsUnavailableError):
            self._table.put({**key, "expires_at": expires_at})

    def _emit(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        entry = {
            "Source": SOURCE,
            "DetailType": detail_type,
            "Detail": json.dumps({"version": 1, **detail}),
            "EventBusName": self._bus,
        }
        try:
            self._clients.put_event(entry)
        except OutageError as outage:
            logger.error("EventBridge did not accept the event", cause=outage.cause)
            count("AnnouncementFailed")
            raise AnnouncementFailedError from None


def _key(occasion: str) -> Item:
    # Hashed, because an occasion may be longer than a key.
    digest = hashlib.sha256(occasion.encode("utf-8", "surrogatepass")).hexdigest()
    return {"pk": {"S": f"ANNOUNCED#{digest}"}, "sk": {"S": "EVENT"}}
