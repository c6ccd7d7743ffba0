"""Events on the stack's bus, through rule, queue and function to grants and rejections."""

import json
import time
from typing import Any

from tests.documentation.markdown import blocks_of
from tests.independent import open_token
from tests.stack.aws import await_that
from tests.stack.deployed import Stack

ROOM = "maths-7b"


def booking(revision: int, *participants: dict[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    return {
        "version": 1,
        "room_id": ROOM,
        "revision": revision,
        "starts_at": now - 60,
        "ends_at": now + 3600,
        "participants": list(participants),
    }


def test_a_room_is_scheduled_updated_and_cancelled(stack: Stack, server_secret: str) -> None:
    # given
    tokens = f"/v1/rooms/{ROOM}/tokens"
    assert stack.call("POST", tokens, {"user_id": "alice"}).status == 403

    # when
    stack.announce(
        "Zego Room Scheduled", booking(1, {"user_id": "alice", "publish": True}, {"user_id": "bob"})
    )

    # then: its participants get tokens with their privileges
    alice = stack.await_call("POST", tokens, {"user_id": "alice"}, 200)
    payload = json.loads(open_token(alice.json["token"], server_secret).content["payload"])
    assert (payload["room_id"], payload["privilege"]) == (ROOM, {"1": 1, "2": 1})
    assert stack.call("POST", tokens, {"user_id": "bob"}).json["privilege"] == {
        "login": True,
        "publish": False,
    }
    grants = stack.call("GET", f"/v1/rooms/{ROOM}/grants")
    assert {grant["user_id"] for grant in grants.json["grants"]} == {"alice", "bob"}

    # when: bob is no longer invited, and then the room is cancelled
    stack.announce("Zego Room Updated", booking(2, {"user_id": "alice", "publish": True}))
    assert stack.await_call("POST", tokens, {"user_id": "bob"}, 403).json["rule"] == "no-grant"
    assert stack.call("POST", tokens, {"user_id": "alice"}).status == 200
    stack.announce("Zego Room Cancelled", {"version": 1, "room_id": ROOM, "revision": 3})

    # then
    assert stack.await_call("POST", tokens, {"user_id": "alice"}, 403).json["rule"] == "room-cancelled"


def test_the_command_of_the_docs_schedules_a_room(stack: Stack) -> None:
    (command,) = (block.text for block in blocks_of("docs/provisioning.md") if "put-events" in block.text)
    assert stack.outputs["EventBusName"] == "zego-tokens-dev"

    stack.run_command(command)

    alice = stack.await_call("POST", "/v1/rooms/physics/tokens", {"user_id": "alice"}, 200)
    assert alice.json["privilege"] == {"login": True, "publish": True}


def test_what_is_rejected_is_found_in_the_bucket(stack: Stack) -> None:
    before = {*stack.keys("rejected/")}

    stack.announce("Zego Room Scheduled", {"version": 1, "room_id": "no-revision"})

    (key,) = await_that(lambda: {*stack.keys("rejected/")} - before, 60, "the rejection is kept")
    kept = json.loads(stack.read(key))
    assert kept["event"]["detail"]["room_id"] == "no-revision"
    assert kept["errors"]
    assert stack.dead_letters() == 0


def test_a_near_miss_is_rejected_with_exactly_one_event(stack: Stack) -> None:
    # given: a listener on the stack's bus
    before, announced = {*stack.keys("rejected/")}, stack.listen()

    # when: a detail-type that differs by a capital, and then a room that is fine
    stack.announce("Zego Room scheduled", {"version": 1, "room_id": "near-miss"})
    await_that(lambda: {*stack.keys("rejected/")} - before, 60, "the near miss is kept")
    stack.announce("Zego Room Scheduled", booking(9) | {"room_id": "after-the-near-miss"})

    # then: by the time that the room is announced, the near miss was announced once
    seen: list[str] = []

    def room_is_announced() -> bool:
        seen.extend(announced())
        return "Zego Room Provisioned" in seen

    await_that(room_is_announced, 60, "the room is announced")
    assert sorted(seen) == ["Zego Provisioning Rejected", "Zego Room Provisioned"]
