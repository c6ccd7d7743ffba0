"""The built artifact provisions in the real Lambda runtime, whatever way the event comes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.conftest import Deployed, needs_emulator
from tests.factories import SECRET, sample_event, token_event
from tests.independent import open_token

pytestmark = needs_emulator


def enter(deployed: Deployed, room_id: str, user_id: str) -> dict[str, Any]:
    """What the token API answers to a service that asks for a user's token of a room."""
    event = token_event(fields={"user_id": user_id})
    return answer(deployed, event, "POST", f"/v1/rooms/{room_id}/tokens")


def answer(deployed: Deployed, event: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    http = {**event["requestContext"]["http"], "method": method, "path": path}
    context = {**event["requestContext"], "http": http}
    event |= {"rawPath": path, "routeKey": f"{method} {path}", "requestContext": context}
    answered = deployed.function.invoke(event)
    return {"status": answered["statusCode"], **json.loads(answered["body"])}


def sample(name: str, room_id: str) -> dict[str, Any]:
    """A sample event, about a room of the test's own."""
    event: dict[str, Any] = json.loads(json.dumps(sample_event(name)).replace("maths-7b", room_id))
    return event


@pytest.mark.parametrize(
    ("name", "answered"),
    [
        ("room_scheduled", {"outcome": "applied", "provisioned": 3, "rejected": 0}),
        ("direct_room_scheduled", {"outcome": "applied", "provisioned": 3, "rejected": 0}),
        ("sqs_room_scheduled", {"batchItemFailures": []}),
    ],
)
def test_a_scheduled_room_lets_its_participants_in(
    provisioner: Deployed, deployed: Deployed, name: str, answered: dict[str, Any]
) -> None:
    # when the event comes by EventBridge, by hand, or through the queue
    assert provisioner.function.invoke(sample(name, name)) == answered

    # then a token of the room has exactly the privileges of the participant
    token = enter(deployed, name, "alice")["token"]
    payload = json.loads(open_token(token, SECRET).content["payload"])
    assert payload == {
        "room_id": name,
        "privilege": {"1": 1, "2": 1},
        "stream_id_list": [f"{name}_alice_camera"],
    }
    assert enter(deployed, name, "eve")["rule"] == "no-grant"


def test_updates_and_cancellations_follow(provisioner: Deployed, deployed: Deployed) -> None:
    provisioner.function.invoke(sample("room_scheduled", "followed"))

    provisioner.function.invoke(sample("room_updated", "followed"))
    assert enter(deployed, "followed", "alice")["status"] == 200
    assert enter(deployed, "followed", "bob")["rule"] == "no-grant"

    provisioner.function.invoke(sample("room_cancelled", "followed"))
    assert enter(deployed, "followed", "alice")["rule"] == "room-cancelled"
    superseded = {"outcome": "superseded", "provisioned": 3, "rejected": 0}
    assert provisioner.function.invoke(sample("room_scheduled", "followed")) == superseded


def test_tokens_are_minted_ahead_and_handed_out(provisioner: Deployed, deployed: Deployed) -> None:
    outcome = provisioner.function.invoke(sample_event("tokens_requested"))

    assert outcome == {"outcome": "applied", "provisioned": 2, "rejected": 0}
    token = answer(deployed, token_event(), "GET", "/v1/provisioned/kiosk-2026-11/kiosk-1")["token"]
    assert open_token(token, SECRET).content["user_id"] == "kiosk-1"
    assert token[2:60] not in provisioner.log.read_text()


def test_a_rosters_rows_become_grants(provisioner: Deployed, deployed: Deployed) -> None:
    # given the sample, as it would be uploaded now
    event = sample_event("roster_batch")
    now = datetime.now(UTC)
    event["BatchInput"]["roster"]["uploaded_at"] = now.isoformat()
    for item in event["Items"][:2]:
        ends_at = (now + timedelta(hours=1)).isoformat()
        item["record"] |= {"starts_at": now.isoformat(), "ends_at": ends_at}

    batch = provisioner.function.invoke(event)
    summary = provisioner.function.invoke(sample_event("roster_end"))

    assert batch == {"granted": 2, "rejected": 1}
    assert (summary["granted"], summary["rejected"], summary["accepted"]) == (2, 1, False)
    assert enter(deployed, "art-5a", "carol")["privilege"] == {"login": True, "publish": True}
    assert enter(deployed, "art-5a", "erin")["rule"] == "no-grant"


def test_what_is_invalid_is_not_tried_again(provisioner: Deployed) -> None:
    rejected = {"outcome": "rejected", "provisioned": 0, "rejected": 1}

    assert provisioner.function.invoke(sample_event("room_scheduled_bad_input")) == rejected
    assert provisioner.function.invoke({"detail-type": "Zego Nothing", "detail": {}}) == rejected
    assert '"ProvisioningRejected":[1.0]' in provisioner.log.read_text()
