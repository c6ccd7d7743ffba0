"""What is no event is rejected with a reason that says what it is, and what to do."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.triggers import provisioning_event
from tests.deployment import Deployment
from tests.factories import sample_event
from tests.provisioning_events import event_of, message, queue_batch, room_detail, scheduled

EVENT = scheduled("alice")
SNS = {
    "Type": "Notification",
    "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    "TopicArn": "arn:aws:sns:eu-central-1:123456789012:bookings",
    "Message": json.dumps(EVENT),
    "Timestamp": "2026-11-22T10:00:00.000Z",
    "SignatureVersion": "1",
}
S3_RECORD = {
    "eventVersion": "2.1",
    "eventSource": "aws:s3",
    "eventName": "ObjectCreated:Put",
    "s3": {"bucket": {"name": "zego-tokens"}, "object": {"key": "rosters/term.csv"}},
}
PUT_EVENTS = {"Source": "booking", "DetailType": "Zego Room Scheduled", "Detail": json.dumps(EVENT["detail"])}
FAULTS: list[tuple[Any, str]] = [
    ({"source": "booking", "detail": {}}, "there is no detail-type"),
    ({"id": "1", "detail": room_detail("alice")}, "there is no detail-type"),
    (room_detail("alice"), "there is no detail-type: this looks like the detail alone"),
    (PUT_EVENTS, "there is no detail-type: this is an entry for PutEvents"),
    ({**EVENT, "detail-type": None}, "detail-type must be text, not null"),
    ({**EVENT, "detail-type": ["Zego Room Scheduled"]}, "detail-type must be text, not a list"),
    ({**EVENT, "detail-type": {}}, "detail-type must be text, not an object"),
    ({**EVENT, "detail-type": ""}, "detail-type must not be empty"),
    ({"detail_type": "Zego Room Scheduled", "detail": {}}, "did you mean detail_type to be detail-type?"),
    ({**EVENT, "detail-type": "Zego Room scheduled"}, "not known; did you mean Zego Room Scheduled?"),
    ({**EVENT, "detail-type": "zego-room-scheduled"}, "not known; did you mean Zego Room Scheduled?"),
    ({**EVENT, "detail-type": "Order Placed"}, "this detail-type is not known"),
    (SNS, "this is SNS's envelope: turn on raw message delivery"),
    ({"Records": [{"EventSource": "aws:sns", "Sns": SNS}]}, "this is SNS's envelope"),
    ([message(EVENT)], "this is a list of a pipe"),
    ([EVENT, EVENT], "this is a list of a pipe"),
    ([], "this is a list, not a JSON object"),
    ([1], "this is a list, not a JSON object"),
    ({"Records": [S3_RECORD]}, "this is a notification of S3"),
    ({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}, "this is the test event"),
    (message(EVENT), "this is a single record of SQS"),
    ({"Records": [{"eventSource": "aws:kinesis"}]}, "these are records of aws:kinesis"),
    ({"Records": []}, "these are records of no known source"),
    ({"Records": [5]}, "these are records of no known source"),
    (sample_event("http_api_token04_room"), "this is a request of API Gateway"),
    (json.dumps(EVENT), "this is JSON that was encoded twice"),
    ("hello", "this is text, not a JSON object"),
    (5, "this is a number, not a JSON object"),
    (1.5, "this is a number, not a JSON object"),
    (True, "this is a boolean, not a JSON object"),
    (None, "this is null, not a JSON object"),
    (event_of("Zego Room Scheduled", json.dumps(EVENT["detail"])), "detail must be a JSON object, not text"),
    (event_of("Zego Room Scheduled", None), "detail must be a JSON object"),
]


NAMES = st.sampled_from(
    ["detail-type", "detail", "Records", "eventSource", "EventSource", "Type", "Event", "source"]
)


def reason_of(deployment: Deployment) -> str:
    (kept,) = deployment.objects("rejected/").values()
    (error,) = json.loads(kept)["errors"]
    return f"{error['reason']}"


@pytest.mark.parametrize(("event", "reason"), FAULTS, ids=[reason for _, reason in FAULTS])
def test_a_message_that_is_no_event_says_what_it_is(deployment: Deployment, event: Any, reason: str) -> None:
    # given: the same as a message of the queue, where a text is JSON text
    assert deployment(queue_batch(json.dumps(event)))["batchItemFailures"] == []

    assert reason in reason_of(deployment)
    assert deployment.rows("ROOM#") == []


@pytest.mark.parametrize(("event", "reason"), FAULTS, ids=[reason for _, reason in FAULTS])
def test_so_does_an_invocation(deployment: Deployment, event: Any, reason: str) -> None:
    assert deployment(event)["outcome"] == "rejected"

    assert reason in reason_of(deployment)


@pytest.mark.parametrize("body", ["", "{", "detail-type=x", "<xml/>"])
def test_a_message_that_is_no_json_says_so(deployment: Deployment, body: str) -> None:
    deployment(queue_batch(body))

    assert reason_of(deployment).startswith("this is not JSON")


@given(
    event=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(), inner, max_size=4),
        max_leaves=8,
    )
)
def test_whatever_it_is_there_is_a_reason_or_a_type(event: Any) -> None:
    found = provisioning_event(event)

    assert bool(found.fault) is not bool(found.detail_type)
