"""Events that are rejected, however broken or deep they are."""

import json
from typing import Any

import pytest

from provisioner.triggers import MalformedBatchError
from tests.deployment import LOGIN, Deployment
from tests.factories import ROOT
from tests.output import Written, metrics
from tests.provisioning_events import (
    event_of,
    failed_messages,
    message,
    queue_batch,
    roster_end,
    run_of,
    scheduled,
)

DEPTHS = (90, 300, 800, 960, 990, 1_000, 5_000, 100_000)
BROKEN = ["", "null", "true", "5", '"text"', "[]", "{}", "{", "[[1]]", '{"detail-type": 5}', "\ud800", "NaN"]
HOSTILE: list[Any] = [
    {"detail-type": "Zego Room Scheduled"},
    {"detail-type": "Zego Room Scheduled", "detail": None},
    {"detail-type": "Zego Room Scheduled", "detail": [[]]},
    {"detail-type": ["Zego Room Scheduled"], "detail": {}},
    {"detail-type": "Zego Room Scheduled", "detail": {"version": 1, "room_id": "\ud800", "revision": 1}},
    {"detail-type": "Zego Room Scheduled", "detail": {"version": 1, "revision": float("nan")}},
    {"detail-type": "\udfff", "id": {"a": 1}, "detail": "x"},
    {"detail-type": "Zego Tokens Requested", "detail": {"user_ids": {"a": 1}}},
    {"Records": [{"eventSource": "aws:s3"}]},
]


@pytest.mark.parametrize("body", [*BROKEN, *map(json.dumps, HOSTILE)])
def test_a_body_that_says_nothing_is_rejected_and_not_tried_again(
    deployment: Deployment, body: str, written: Written
) -> None:
    assert failed_messages(deployment(queue_batch(body, scheduled("alice")))) == []

    assert deployment.answer("demo", "alice") == LOGIN
    assert [detail_type for detail_type, _ in deployment.emitted()] == [
        "Zego Provisioning Rejected",
        "Zego Room Provisioned",
    ]
    assert len(deployment.objects("rejected/")) == 1
    assert metrics(written()) == ["ProvisioningRejected"]


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("where", ["the body", "the detail", "a participant"])
def test_a_body_of_any_depth_is_rejected_and_not_tried_again(
    deployment: Deployment, where: str, depth: int
) -> None:
    deep = "[" * depth + "]" * depth
    if where == "the detail":
        deep = f'{{"detail-type": "Zego Room Scheduled", "detail": {deep}}}'
    elif where == "a participant":
        deep = json.dumps(scheduled("alice", "DEEP")).replace('{"user_id": "DEEP"}', deep)

    assert failed_messages(deployment(queue_batch(deep))) == []

    assert "Zego Provisioning Rejected" in [detail_type for detail_type, _ in deployment.emitted()]
    assert len(deployment.objects("rejected/")) == 1


@pytest.mark.parametrize(
    "event",
    [
        [],
        None,
        {"Records": []},
        {"Records": [{"eventSource": "aws:s3"}]},
        {"Records": [message("{}"), {"eventSource": "aws:sns"}]},
        {"requestContext": {}},
    ],
)
def test_an_event_from_nowhere_is_rejected(deployment: Deployment, event: object) -> None:
    assert deployment(event) == {"outcome": "rejected", "provisioned": 0, "rejected": 1}
    ((detail_type, _),) = deployment.emitted()
    assert detail_type == "Zego Provisioning Rejected"
    assert deployment.rows("ROOM#") == []


@pytest.mark.parametrize(
    "event",
    [
        {"BatchInput": run_of(), "Items": [{"record": {}}]},
        {"BatchInput": run_of(), "Items": [{"index": "x", "record": {}}]},
        {"BatchInput": run_of()},
        {"BatchInput": None, "Items": []},
        {"BatchInput": run_of(file_format="xlsx"), "Items": []},
        {"BatchInput": run_of(uploaded_at="yesterday"), "Items": []},
        roster_end() | {"tolerated_bad_percent": "many"},
        roster_end() | {"roster": None},
    ],
)
def test_a_batch_of_the_state_machine_that_is_none_fails(deployment: Deployment, event: object) -> None:
    with pytest.raises(MalformedBatchError):
        deployment(event)
    assert deployment.rows() == []


def test_what_is_too_deep_to_be_written_is_rejected_all_the_same(deployment: Deployment) -> None:
    detail: list[Any] = []
    for _ in range(50_000):
        detail = [detail]

    assert deployment(event_of("Zego Room Scheduled", detail))["outcome"] == "rejected"

    (kept,) = deployment.objects("rejected/").values()
    assert "nested too deeply" in json.loads(kept)["event"]["detail"]


def test_a_time_that_is_not_rfc_3339_grants_nothing_and_is_named(deployment: Deployment) -> None:
    event = json.loads((ROOT / "tests/cases/room_compact_time.json").read_text())

    deployment(event)

    ((_, text),) = deployment.objects("rejected/").items()
    (error,) = json.loads(text)["errors"]
    assert error["field"] == "starts_at"
    assert "it is not of this form" in error["reason"]
    assert deployment.answer("compact-time", "alice") == "no-grant"
