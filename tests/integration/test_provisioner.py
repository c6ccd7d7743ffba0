"""The provisioner's handler, with events as its triggers deliver them."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.deployment import LOGIN, AwsClients, Deployment, invoke
from tests.factories import APP_ID, SECRET
from tests.output import Written, metrics
from tests.provisioning_events import (
    STARTS_AT,
    cancelled,
    event_of,
    failed_messages,
    queue_batch,
    roster_batch,
    roster_end,
    row_of,
    scheduled,
    tokens_detail,
)
from zego_service.errors import GrantsUnavailableError


def unreachable_for(room_id: str) -> AwsClients:
    """AwsClients whose table cannot be reached for one room."""

    def refuse(model: Any, params: Any, **_: object) -> None:
        if f"ROOM#{APP_ID}#{room_id}" in str(params["body"]):
            raise ClientError({"Error": {"Code": "InternalServerError", "Message": "no"}}, model.name)

    clients = AwsClients.new()
    clients.dynamodb.meta.events.register("before-call", refuse)
    return clients


@pytest.mark.parametrize(
    "wrap",
    [
        lambda event: event,
        lambda event: {"detail-type": event["detail-type"], "detail": event["detail"]},
        queue_batch,
    ],
    ids=["EventBridge", "direct", "queue"],
)
def test_every_trigger_leads_to_the_same(deployment: Deployment, wrap: Any) -> None:
    for event, answer in [
        (scheduled("alice"), LOGIN),
        (cancelled(2), "room-cancelled"),
        (scheduled("alice", revision=3) | {"detail-type": "Zego Room Updated"}, LOGIN),
    ]:
        deployment(wrap(event))
        assert deployment.answer("demo", "alice") == answer


def test_a_direct_call_is_answered_with_what_it_did(deployment: Deployment) -> None:
    def outcome(outcome: str, provisioned: int = 0, rejected: int = 0) -> dict[str, Any]:
        return {"outcome": outcome, "provisioned": provisioned, "rejected": rejected}

    assert deployment(scheduled("alice", "", revision=1)) == outcome("applied", 1, 1)
    assert deployment(scheduled("alice", "", revision=1)) == outcome("repeated", 1, 1)
    assert deployment(cancelled(2)) == outcome("applied")
    assert deployment(scheduled("alice", revision=1)) == outcome("superseded", 1)
    assert deployment(event_of("Zego Tokens Requested", tokens_detail(user_ids=["alice"]))) == outcome(
        "applied", 1
    )
    assert deployment(event_of("Order Placed", {})) == outcome("rejected", 0, 1)


def test_of_a_batch_only_what_may_succeed_later_comes_again(deployment: Deployment, written: Written) -> None:
    # given: a good event, an invalid one, and one whose room cannot be reached
    batch = queue_batch(
        scheduled("alice", room_id="good"),
        scheduled("alice", room_id="bad", ends_at=STARTS_AT),
        scheduled("alice", room_id="broken"),
    )
    written()

    # when
    answer = invoke(deployment.handler_over(unreachable_for("broken")), batch)

    # then
    assert failed_messages(answer) == ["m-2"]
    assert deployment.answer("good", "alice") == LOGIN
    assert sorted(metrics(written())) == ["GrantsUnavailable", "ProvisioningFailed", "ProvisioningRejected"]
    assert [detail_type for detail_type, _ in deployment.emitted()] == [
        "Zego Provisioning Rejected",
        "Zego Room Provisioned",
    ]

    # when: the table is back
    assert failed_messages(deployment(queue_batch(json.loads(batch["Records"][2]["body"])))) == []

    # then
    assert deployment.answer("broken", "alice") == LOGIN


def test_a_batch_of_failures_alone_is_no_failure_of_the_function(deployment: Deployment) -> None:
    handler = deployment.handler_over(unreachable_for("demo"))
    assert failed_messages(invoke(handler, queue_batch(scheduled("a"), cancelled(1)))) == ["m-0", "m-1"]


def test_what_is_not_from_a_queue_fails_as_a_whole(deployment: Deployment) -> None:
    handler = deployment.handler_over(unreachable_for("demo"))
    with pytest.raises(GrantsUnavailableError):
        invoke(handler, scheduled("alice"))
    with pytest.raises(GrantsUnavailableError):
        invoke(handler, roster_batch({0: row_of("alice")}))


def test_what_is_rejected_is_kept_with_its_reasons(deployment: Deployment) -> None:
    event = scheduled("alice", {"user_id": "bob", "login": "yes"}, "")

    deployment(event)

    ((key, text),) = deployment.objects("rejected/").items()
    kept = json.loads(text)
    assert kept["errors"] == [
        {"entry": "participants[1]", "field": "login", "reason": "login must be true or false, not a string"},
        {"entry": "participants[2]", "field": "user_id", "reason": "user_id must not be empty"},
    ]
    assert kept["event"] == {
        "id": event["id"],
        "detail_type": event["detail-type"],
        "detail": event["detail"],
    }
    keys = {"app_id": APP_ID, "room_id": "demo", "revision": 1}
    assert deployment.emitted() == [
        (
            "Zego Provisioning Rejected",
            {"version": 1, "detail_type": "Zego Room Scheduled", "rejected": 2, "kept_in": key},
        ),
        (
            "Zego Room Provisioned",
            {"version": 1, **keys, "granted": 1, "rejected": 2, "cancelled": False},
        ),
    ]


TOKENS = event_of("Zego Tokens Requested", tokens_detail(user_ids=["alice", "bob", ""]))


@pytest.mark.parametrize(
    "event",
    [
        scheduled("alice", "bob", ""),
        cancelled(3),
        TOKENS,
        scheduled(revision=-1),
        event_of("Order Placed", {}),
    ],
    ids=["scheduled", "cancelled", "tokens", "invalid", "unknown"],
)
def test_the_same_event_again_changes_nothing_and_is_told_of_once(
    deployment: Deployment, event: dict[str, Any]
) -> None:
    # given
    deployment(queue_batch(event))
    rows, keys, emitted = deployment.rows(), deployment.objects().keys(), deployment.emitted()
    assert emitted

    # when: it comes again, in one batch, in another process, and sent anew
    other = event | {"id": "0b9c1b9e-0f0e-4f9e-8f0e-2b1d7c1f3a55", "time": "2026-11-22T11:00:00Z"}
    deployment(queue_batch(event, event, other))
    invoke(deployment.handler_over(AwsClients.new()), other)

    # then
    assert deployment.rows() == rows
    assert deployment.objects().keys() == keys
    assert deployment.emitted() == []


def test_a_superseded_event_is_not_told_of(deployment: Deployment) -> None:
    deployment(cancelled(2))
    deployment.emitted()
    deployment(scheduled("alice", revision=1))
    assert deployment.emitted() == []


def test_events_say_how_many_and_nothing_of_whom(deployment: Deployment) -> None:
    user = "alice@example.com"
    deployment(scheduled(user, {"user_id": user}))
    deployment(event_of("Zego Tokens Requested", tokens_detail(user_ids=[user, user])))
    deployment(roster_batch({0: row_of(user), 1: row_of(user, login="?")}))
    deployment(roster_end())

    emitted = deployment.emitted()

    assert [detail_type for detail_type, _ in emitted] == [
        "Zego Provisioning Rejected",
        "Zego Provisioning Rejected",
        "Zego Room Provisioned",
        "Zego Roster Provisioned",
        "Zego Tokens Provisioned",
    ]
    assert all(
        isinstance(value, int)
        or key in {"detail_type", "kept_in", "room_id", "request_id", "roster", "run", "errors_key"}
        for _, detail in emitted
        for key, value in detail.items()
    )
    assert user not in str(emitted)
    assert dict(emitted)["Zego Tokens Provisioned"] == {
        "version": 1, "request_id": "r-1", "app_id": APP_ID, "provisioned": 1, "rejected": 1,
    }  # fmt: skip


def test_neither_token_nor_secret_is_in_logs_events_objects_or_rows(
    deployment: Deployment, written: Written
) -> None:
    # given
    detail = tokens_detail(participants=[{"user_id": "alice"}, {"user_id": "bob"}, {}], room_id="demo")
    written()

    # when
    deployment(queue_batch(event_of("Zego Tokens Requested", detail)))
    deployment(queue_batch(event_of("Zego Tokens Requested", detail | {"effective_time_in_seconds": 5})))

    # then
    token = deployment.minted("r-1", "alice")
    assert token is not None
    everything = {
        "logs": written(),
        "events": str(deployment.emitted()),
        "objects": str(deployment.objects()),
        "rows": str(deployment.rows()),
    }
    assert all(everything.values())
    for place, text in everything.items():
        assert token.token not in text, place
        assert token.token[20:60] not in text, place
        assert SECRET not in text, place


def test_the_log_has_one_line_for_an_event_and_nobody_in_it(deployment: Deployment, written: Written) -> None:
    written()
    deployment(queue_batch(scheduled("alice@example.com", "")))
    output = written()

    lines = [json.loads(line) for line in output.splitlines()]
    (handled,) = [line for line in lines if line.get("message") == "event handled"]
    assert handled["event_id"] == "6a7e8feb-b491-4cf7-a9f1-bf3703467718"
    assert (handled["outcome"], handled["provisioned"], handled["rejected"]) == ("applied", 1, 1)
    assert "alice@example.com" not in output
