"""The events that provision, as AWS sends them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.factories import APP_ID

# A window that is open for as long as these tests will be run.
MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
STARTS_AT, ENDS_AT = (int((MIDNIGHT + timedelta(days=days)).timestamp()) for days in (-30, 30))
QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:provisioning"


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
