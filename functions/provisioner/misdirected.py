"""Why something is no event that can be handled: what it looks like instead, and what to do about it.

Sources: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-targets-specifics.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
"""

import json
from collections.abc import Mapping
from typing import Any

NOT_JSON = "this is not JSON: send one JSON object with detail-type and detail"
_RAW = "turn on raw message delivery for the subscription"
_JSON_TYPES = {bool: "a boolean", int: "a number", float: "a number", str: "text", type(None): "null"}
_RECORDS = {
    "aws:s3": "this is a notification of S3: rosters need none; upload them under rosters/ of the bucket",
    "aws:sns": f"this is SNS's envelope: let SNS write to the stack's queue, and {_RAW}",
    "aws:sqs": "this is a batch of SQS with records of another kind among them",
}


def fault_of(event: object) -> str:
    """Why an event without a detail-type that is text cannot be handled."""
    if isinstance(event, list):
        return _fault_of_list(event)
    if isinstance(event, str):
        return _fault_of_text(event)
    if not isinstance(event, Mapping):
        return f"this is {_JSON_TYPES[type(event)]}, not a JSON object"
    if event.get("detail-type") == "":
        return "detail-type must not be empty"
    if "detail-type" in event:
        return f"detail-type must be text, not {_type_of(event['detail-type'])}"
    return _fault_of_object(event)


def _fault_of_object(event: Mapping[str, Any]) -> str:
    records = event.get("Records")
    if isinstance(records, list):
        source = next(filter(None, map(_source_of, records)), None)
        return _RECORDS.get(source or "", f"these are records of {source or 'no known source'}, not an event")
    if (
        event.get("Type") in ("Notification", "SubscriptionConfirmation")
        or {"TopicArn", "Message"} <= event.keys()
    ):
        return f"this is SNS's envelope: {_RAW}"
    if event.get("Event") == "s3:TestEvent":
        return "this is the test event of a notification of S3: rosters need none"
    if _source_of(event) == "aws:sqs":
        return "this is a single record of SQS: send its body, or the whole batch"
    if "requestContext" in event:
        return "this is a request of API Gateway: it is for the token API's function"
    return f"there is no detail-type{_hint(event)}"


def _hint(event: Mapping[str, Any]) -> str:
    entry = next(
        (name for name in ("DetailType", "detailType", "detail_type", "Detail-Type") if name in event), None
    )
    if entry == "DetailType":
        return ": this is an entry for PutEvents, of which EventBridge makes an event"
    if entry is not None:
        return f"; did you mean {entry} to be detail-type?"
    if "detail" not in event and ("room_id" in event or "request_id" in event):
        return ": this looks like the detail alone"
    return ""


def _fault_of_list(event: list[Any]) -> str:
    if any(isinstance(entry, Mapping) for entry in event):
        return "this is a list of a pipe, or of several events: send each of them as one event"
    return "this is a list, not a JSON object"


def _fault_of_text(event: str) -> str:
    try:
        is_json = isinstance(json.loads(event), dict | list)
    except (ValueError, RecursionError):
        is_json = False
    return (
        "this is JSON that was encoded twice: send the object itself"
        if is_json
        else "this is text, not a JSON object"
    )


def _source_of(record: object) -> str | None:
    """The source of a record; SNS alone writes the name with a capital."""
    if not isinstance(record, Mapping):
        return None
    source = record.get("eventSource") or record.get("EventSource")
    return source[:64] if isinstance(source, str) else None


def _type_of(value: object) -> str:
    return _JSON_TYPES.get(type(value), "a list" if isinstance(value, list) else "an object")
