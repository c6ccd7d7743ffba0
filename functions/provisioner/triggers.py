"""The events of all triggers, recognised by their shape and made into one form.

Sources: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html and
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.misdirected import NOT_JSON, fault_of
from zego_service.provisioning.events import ProvisioningEvent
from zego_service.provisioning.roster_runs import RosterRun
from zego_service.provisioning.rosters import FORMATS
from zego_service.rfc3339 import unix_seconds

ROSTER_UPLOADED = "Object Created"  # S3's own name for it
_MAX_SHOWN = 128  # longer than any accepted id or type


class MalformedBatchError(ValueError):
    """The state machine's input does not have the expected form."""


@dataclass(frozen=True, slots=True)
class RosterBatch:
    """Some records of a roster, each with its index."""

    run: RosterRun
    records: tuple[tuple[int, object], ...]


@dataclass(frozen=True, slots=True)
class RosterEnd:
    """No more records of a roster will come: all were seen, or the run failed."""

    run: RosterRun
    tolerated_bad_percent: int
    failed: bool


@dataclass(frozen=True, slots=True)
class RosterBegin:
    """A file was uploaded, and its run begins."""

    key: str
    upload: ProvisioningEvent


RosterMessage = RosterBegin | RosterBatch | RosterEnd


def is_queue_batch(event: object) -> bool:
    """Whether these are messages of SQS."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    return (
        isinstance(records, list)
        and bool(records)
        and all(isinstance(record, Mapping) and record.get("eventSource") == "aws:sqs" for record in records)
    )


def event_of_message(message_id: str, body: str) -> ProvisioningEvent:
    """The event that a message carries."""
    try:
        return provisioning_event(json.loads(body), message_id)
    except (ValueError, RecursionError):
        return ProvisioningEvent(message_id, "", body, NOT_JSON)


def provisioning_event(event: object, message_id: str = "") -> ProvisioningEvent:
    """The event of EventBridge, or of a direct invocation with the same two fields.

    Anything else becomes an event of unknown type, which says what it looks like.
    """
    detail_type = event.get("detail-type") if isinstance(event, Mapping) else None
    if not isinstance(event, Mapping) or not isinstance(detail_type, str) or not detail_type:
        return ProvisioningEvent(message_id, "", event, fault_of(event))
    event_id = event.get("id")
    known_as = event_id if isinstance(event_id, str) else message_id
    return ProvisioningEvent(known_as[:_MAX_SHOWN], detail_type[:_MAX_SHOWN], event.get("detail"))


def roster_event(event: object) -> RosterMessage | None:
    """What the state machine asks for; None for any other event. Raises :class:`MalformedBatchError`."""
    if not isinstance(event, Mapping):
        return None
    try:
        if "BatchInput" in event:
            records = tuple((int(item["index"]), item["record"]) for item in event["Items"])
            return RosterBatch(_run(event["BatchInput"]), records)
        if "tolerated_bad_percent" in event:
            percent = int(event["tolerated_bad_percent"])
            return RosterEnd(_run(event), percent, failed=event.get("failed") is True)
        if event.get("begin") is True:
            upload = ProvisioningEvent(str(event["execution"]), ROSTER_UPLOADED, event["roster"])
            return RosterBegin(str(event["roster"]["key"]), upload)
    except (KeyError, TypeError, ValueError):
        raise MalformedBatchError from None
    return None


def _run(source: Mapping[str, Any]) -> RosterRun:
    roster = source["roster"]
    if roster["format"] not in FORMATS:
        raise ValueError
    uploaded_at = unix_seconds(roster["uploaded_at"])
    return RosterRun(source["execution"], roster["key"], roster["format"], uploaded_at)
