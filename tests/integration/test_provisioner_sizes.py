"""Events as large as rooms, queues and Lambda take them."""

import json

import pytest

from tests.deployment import LOGIN, Deployment
from tests.provisioning_events import (
    ENDS_AT,
    failed_messages,
    queue_batch,
    room_detail,
    scheduled,
)


@pytest.mark.exploration
def test_a_large_room_with_some_bad_participants(deployment: Deployment) -> None:
    # given: 1000 participants, every 33rd of which cannot be granted
    bad = set(range(0, 990, 33))
    assert len(bad) == 30
    participants = [
        {"user_id": f"user-{number}", **({"login": 1} if number in bad else {})} for number in range(1000)
    ]

    # when
    answer = deployment(scheduled(*participants))

    # then
    assert answer == {"outcome": "applied", "provisioned": 970, "rejected": 30}
    granted = {grant.participant.user_id for grant in deployment.listed("demo", 400)}
    assert granted == {f"user-{number}" for number in range(1000) if number not in bad}
    (kept,) = deployment.objects("rejected/").values()
    assert json.loads(kept)["errors"] == [
        {
            "entry": f"participants[{number}]",
            "field": "login",
            "reason": "login must be true or false, not a number",
        }
        for number in sorted(bad)
    ]
    assert [detail.get("granted") for _, detail in deployment.emitted()] == [None, 970]


def test_an_event_as_large_as_a_queue_takes(deployment: Deployment) -> None:
    # given: an event of nearly 256 KB
    streams = ["s" * 251 + f"{number:04}" for number in range(92)]
    participants = [{"user_id": f"user-{number}", "stream_ids": streams} for number in range(10)]
    event = scheduled(*participants)
    event["detail"]["participants"].append({"user_id": "x" * (262_144 - 20 - len(json.dumps(event)))})
    assert 262_100 < len(json.dumps(event)) <= 262_144

    # then
    assert failed_messages(deployment(queue_batch(event))) == []
    assert deployment.answer("demo", "user-9") == (True, False, tuple(streams), ENDS_AT)
    assert [detail["rejected"] for _, detail in deployment.emitted()] == [1, 1]


@pytest.mark.exploration
def test_a_direct_call_as_large_as_lambda_takes(deployment: Deployment) -> None:
    # given: a call of nearly 6 MB
    streams = ["s" * 251 + f"{number:04}" for number in range(100)]
    participants = [{"user_id": f"user-{number}", "stream_ids": streams} for number in range(240)]
    event = {"detail-type": "Zego Room Scheduled", "detail": room_detail(*participants)}
    assert 6_200_000 < len(json.dumps(event)) < 6 * 1024 * 1024

    # then
    assert deployment(event) == {"outcome": "applied", "provisioned": 240, "rejected": 0}
    assert deployment.answer("demo", "user-239") == (True, False, tuple(streams), ENDS_AT)
    assert len(deployment.rows("ROOM#")) == 241


@pytest.mark.exploration
def test_one_participant_too_many_leaves_the_room_as_it_was(deployment: Deployment) -> None:
    deployment(scheduled("alice"))

    answer = deployment(scheduled(*(f"user-{number}" for number in range(10_001)), revision=2))

    assert answer["outcome"] == "rejected"
    assert deployment.answer("demo", "alice") == LOGIN
    (kept,) = deployment.objects("rejected/").values()
    assert json.loads(kept)["errors"] == [
        {
            "entry": "detail",
            "field": "participants",
            "reason": "participants must have at most 10000 entries, not 10001",
        }
    ]
