"""Rejected events, stored in the bucket under ``rejected/`` for people to read."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from zego_service.bucket import Bucket
from zego_service.provisioning.events import ProvisioningEvent, RejectedEntry
from zego_service.telemetry import count

PREFIX = "rejected/"


class Rejections:
    """The rejected events and entries of a deployment, counted by the metric ``ProvisioningRejected``."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def keep(self, event: ProvisioningEvent, entries: Sequence[RejectedEntry]) -> str:
        """Store an event with its errors, and return the object's key.

        The same event again has the same key. Raises :class:`BucketUnavailableError`.
        """
        body = {
            "errors": [asdict(entry) for entry in entries],
            "event": {"id": event.id, "detail_type": event.detail_type, "detail": event.detail},
        }
        try:
            text = json.dumps(body)
            content = json.dumps([event.detail_type, event.detail], sort_keys=True)
        except RecursionError:  # JSON that can be parsed may be nested too deeply to be written
            return self.keep(replace(event, detail=f"event {event.id} is nested too deeply"), entries)
        key = f"{PREFIX}{hashlib.sha256(content.encode()).hexdigest()[:32]}.json"
        self._bucket.put(key, text, "application/json")
        count("ProvisioningRejected")
        return key
