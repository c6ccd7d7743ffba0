"""The list of who may join a room."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

import pytest

from tests.api import Api
from tests.factories import APP_ID, TRIGGERS, as_user, without_caller
from tests.room_requests import ALICE, BOB, enroll, entry, refused, request, schedule, window
from zego_service.deployment import Deployment as Service
from zego_service.provisioning.rooms import CancelledRoom, Participant, RoomKey

# A row whose name has half a character, which UTF-8 cannot carry.
HALF_A_CHARACTER = urlsafe_b64encode(b'[null, "ROSTER#\\ud800"]').decode()


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_service_sees_who_may_join(service: Service, api: Api, trigger: str) -> None:
    when = window()
    schedule(service, ALICE, BOB, when=when, revision=7)
    enroll(service, Participant(user_id="carol"), when, revision=3)

    answer = api(request("GET", "/v1/rooms/{room_id}/grants", trigger, room_id="demo"))

    times = {"starts_at": when.starts_at, "ends_at": when.ends_at}
    room = {"app_id": APP_ID, "room_id": "demo", "state": "scheduled", "revision": 7, **times}
    alice = {"user_id": "alice", "login": True, "publish": True, "stream_ids": ["s1", "s2"]}
    bob, carol = (
        {"user_id": name, "login": True, "publish": False, "stream_ids": None} for name in ("bob", "carol")
    )
    assert (answer.status, answer.json) == (
        200,
        {
            "room": room,
            "grants": [
                {**carol, **times, "revision": 3, "source": "roster"},
                {**bob, **times, "revision": 7, "source": "schedule"},
                {**alice, **times, "revision": 7, "source": "schedule"},
            ],
            "next": None,
        },
    )


def test_it_sees_them_page_by_page(service: Service, api: Api) -> None:
    schedule(service, *(Participant(user_id=f"user-{number}") for number in range(7)))
    for revision in (1, 2):
        for number in range(5, 9):
            enroll(service, Participant(user_id=f"user-{number}"), revision=revision)

    seen, after, pages = [], None, 0
    while after is not None or not pages:
        query: dict[str, Any] = {"limit": 2} | ({} if after is None else {"after": after})
        page = api(request("GET", "/v1/rooms/{room_id}/grants", query=query, room_id="demo")).json
        assert len(page["grants"]) <= 2
        seen += [(grant["source"], grant["user_id"], grant["revision"]) for grant in page["grants"]]
        after, pages = page["next"], pages + 1

    assert sorted(seen) == sorted(
        [("roster", f"user-{number}", 2) for number in range(5, 9)]
        + [("schedule", f"user-{number}", 1) for number in range(7)]
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_every_page_size_shows_all(service: Service, api: Api, limit: int) -> None:
    schedule(service, ALICE, BOB)
    enroll(service, ALICE)

    seen, query = [], {"limit": limit}
    while True:
        page = api(request("GET", "/v1/rooms/{room_id}/grants", query={**query}, room_id="demo")).json
        seen += [(grant["source"], grant["user_id"]) for grant in page["grants"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]

    assert seen == [("roster", "alice"), ("schedule", "bob"), ("schedule", "alice")]


def test_a_page_of_a_room_that_has_changed_is_refused(service: Service, api: Api) -> None:
    schedule(service, ALICE, BOB)
    route = "/v1/rooms/{room_id}/grants"
    after = api(request("GET", route, query={"limit": 1}, room_id="demo")).json["next"]

    schedule(service, ALICE, revision=2)

    answer = refused(
        api(request("GET", route, query={"limit": 1, "after": after}, room_id="demo")), 400, field="after"
    )
    assert "has changed" in answer.json["detail"]


def test_rooms_that_are_cancelled_or_unknown_have_a_state(service: Service, api: Api) -> None:
    service.grants.cancel(CancelledRoom(RoomKey(APP_ID, "off"), 4))

    states = [
        api(request("GET", "/v1/rooms/{room_id}/grants", room_id=room_id)).json["room"]
        for room_id in ("off", "none")
    ]

    assert [(room["state"], room["revision"], room["starts_at"]) for room in states] == [
        ("cancelled", 4, None),
        ("unscheduled", None, None),
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [({"limit": 0}, "limit"), ({"limit": 1001}, "limit"), ({"limit": "x"}, "limit"), ({"after": "x"}, "after"),
     ({"after": "WyJ4IiwgIiNST09NIl0="}, "after"), ({"after": "R1JBTlQj"}, "after"), ({"after": "%"}, "after"), ({"after": HALF_A_CHARACTER}, "after"), ({"app_id": 0}, "app_id"), ({"x": 1}, "x")],
)  # fmt: skip
def test_a_bad_query_is_named(api: Api, query: dict[str, object], field: str) -> None:
    refused(api(request("GET", "/v1/rooms/{room_id}/grants", query=query, room_id="demo")), 400, field=field)


def test_users_do_not_see_who_else_may_join(service: Service, api: Api) -> None:
    schedule(service, ALICE)
    event = request("GET", "/v1/rooms/{room_id}/grants", room_id="demo")

    refused(api(as_user(event, {"sub": "alice", "scope": "zego:publish zego:revoke"})), 403, "service-only")
    refused(api(without_caller(event)), 401)


def test_grants_that_a_stricter_rule_would_refuse_stay_readable_and_good(service: Service, api: Api) -> None:
    # given: grants that were stored when the rules for ids were others
    odd = Participant(user_id="a\u200bb ", stream_ids=("a.b", "x" * 300))
    schedule(service, odd, Participant(user_id="alice", publish=True, stream_ids=("a.b",)))
    enroll(service, replace(odd, user_id=" carol"))

    # when
    answer = api(request("GET", "/v1/rooms/{room_id}/grants", room_id="demo"))

    # then
    assert [grant["user_id"] for grant in answer.json["grants"]] == [" carol", "a\u200bb ", "alice"]
    assert answer.json["grants"][1]["stream_ids"] == ["a.b", "x" * 300]
    assert api(entry()).json["stream_ids"] == ["a.b"]
