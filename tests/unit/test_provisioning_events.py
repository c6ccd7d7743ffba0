"""The details of events: what is taken, what is left out, and what refuses the whole event."""

import json
from typing import Any

import pytest

from tests.factories import APP_ID
from tests.provisioning_events import ENDS_AT, STARTS_AT, cancellation, room_detail, tokens_detail
from zego_service.errors import InvalidRequestError, ServiceError, UnknownAppError
from zego_service.fields import MAX_REVISION
from zego_service.provisioning.events import cancelled_room, scheduled_room, tokens_request
from zego_service.provisioning.rooms import MAX_PARTICIPANTS, Participant, RoomKey, Window
from zego_service.settings import Settings
from zego_token import TokenError

SETTINGS = Settings(default_app_id=APP_ID)
DEEP: Any = json.loads("[" * 800 + "]" * 800)
NAN = float("nan")


def field_at_fault(parse: Any, detail: object) -> str | None:
    with pytest.raises((ServiceError, TokenError)) as refusal:
        parse(detail, SETTINGS)
    assert isinstance(refusal.value, ServiceError | TokenError)
    return refusal.value.field


def test_a_room_with_all_its_fields() -> None:
    speaker = {"user_id": "alice", "login": True, "publish": True, "stream_ids": ["main"]}

    room, rejected = scheduled_room(room_detail(speaker, "bob", revision=7), SETTINGS)

    assert rejected == []
    assert room.key == RoomKey(APP_ID, "demo")
    assert room.revision == 7
    assert room.window == Window(starts_at=STARTS_AT, ends_at=ENDS_AT)
    assert room.participants == (
        Participant(user_id="alice", publish=True, stream_ids=("main",)),
        Participant(user_id="bob"),
    )


def test_the_app_is_the_deployments_unless_named() -> None:
    detail = room_detail()
    del detail["app_id"]
    assert scheduled_room(detail, SETTINGS)[0].key.app_id == APP_ID
    assert scheduled_room({**detail, "app_id": 5}, SETTINGS)[0].key.app_id == 5
    with pytest.raises(UnknownAppError):
        scheduled_room({**detail, "app_id": 5}, Settings(APP_ID, secret_name="one"))
    with pytest.raises(InvalidRequestError):
        scheduled_room(detail, Settings())


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1_800_000_000, 1_800_000_000),
        (1.8e9, 1_800_000_000),
        ("2027-01-15T08:00:00Z", 1_800_000_000),
        ("2027-01-15T08:00:00.999Z", 1_800_000_000),
        ("2027-01-15T13:30:00+05:30", 1_800_000_000),
        ("2027-01-14T22:00:00-10:00", 1_800_000_000),
    ],
)
def test_times_that_are_taken(value: object, seconds: int) -> None:
    detail = room_detail(starts_at=value, ends_at=2_000_000_000)

    assert scheduled_room(detail, SETTINGS)[0].window.starts_at == seconds


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "1800000000",
        1.8e9 + 0.5,
        NAN,
        True,
        [],
        {},
        "2027-01-15T08:00:00",
        "2027-01-15",
        "2027-13-15T08:00:00Z",
        "2027-02-30T08:00:00Z",
        "2027-01-15T25:00:00Z",
        "1969-12-31T23:59:59Z",
        "tomorrow",
        "\ud800",
        -1,
        253_402_300_800,
        10**400,
    ],
)
@pytest.mark.parametrize("name", ["starts_at", "ends_at"])
def test_times_that_are_refused(name: str, value: object) -> None:
    assert field_at_fault(scheduled_room, room_detail() | {name: value}) == name


def test_the_last_second_is_a_time_and_a_window_lasts_at_least_one() -> None:
    window = scheduled_room(room_detail(starts_at=253_402_300_798, ends_at=253_402_300_799), SETTINGS)[
        0
    ].window
    assert window.ends_at - window.starts_at == 1
    for ends_at in (STARTS_AT, STARTS_AT - 1):
        assert field_at_fault(scheduled_room, room_detail(ends_at=ends_at)) == "ends_at"


@pytest.mark.parametrize("revision", [0, 1, MAX_REVISION])
def test_revisions_at_both_ends(revision: int) -> None:
    assert scheduled_room(room_detail(revision=revision), SETTINGS)[0].revision == revision
    assert cancelled_room(cancellation(revision), SETTINGS).revision == revision


@pytest.mark.parametrize("revision", [-1, MAX_REVISION + 1, 10**400, 1.5, True, NAN, "1", None, [1]])
def test_revisions_that_are_refused(revision: Any) -> None:
    assert field_at_fault(scheduled_room, room_detail(revision=revision)) == "revision"
    assert field_at_fault(cancelled_room, cancellation(revision)) == "revision"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"version": 2}, "version"),
        ({"version": True}, "version"),
        ({"version": "1"}, "version"),
        ({"version": None}, "version"),
        ({"app_id": 0}, "app_id"),
        ({"app_id": True}, "app_id"),
        ({"app_id": "1"}, "app_id"),
        ({"app_id": None}, "app_id"),
        ({"room_id": ""}, "room_id"),
        ({"room_id": 5}, "room_id"),
        ({"room_id": "x" * 128}, "room_id"),
        ({"room_id": "\ud800"}, "room_id"),
        ({"room_id": "de\u200bmo"}, "room_id"),
        ({"room_id": "demo room"}, "room_id"),
        ({"room_id": "maths:7b"}, "room_id"),
        ({"user_id": "alice"}, "user_id"),
        ({"x" * 100: 1}, "x" * 64 + "…"),
    ],
)
def test_fields_that_refuse_every_room_event(changes: dict[str, object], field: str) -> None:
    assert field_at_fault(scheduled_room, room_detail("alice") | changes) == field
    assert field_at_fault(cancelled_room, cancellation(1) | changes) == field


@pytest.mark.parametrize("detail", [None, [], "", 1, NAN, True, [[]], DEEP])
@pytest.mark.parametrize("parse", [scheduled_room, cancelled_room, tokens_request])
def test_what_is_no_object_is_refused(parse: Any, detail: object) -> None:
    assert field_at_fault(parse, detail) == "detail"


@pytest.mark.parametrize("participants", [None, {}, "alice", 5, {"user_id": "alice"}])
def test_participants_are_a_list(participants: object) -> None:
    assert field_at_fault(scheduled_room, room_detail() | {"participants": participants}) == "participants"
    assert field_at_fault(tokens_request, tokens_detail(user_ids=participants)) == "user_ids"


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({}, "user_id"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": 5}, "user_id"),
        ({"user_id": None}, "user_id"),
        ({"user_id": "é"}, "user_id"),
        ({"user_id": "auth0|64f0c0ffee"}, "user_id"),
        ({"user_id": "x" * 64}, "user_id"),
        ({"user_id": " bob"}, "user_id"),
        ({"user_id": "\udfff"}, "user_id"),
        ({"user_id": "alice"}, "user_id"),  # twice
        ({"user_id": "bob", "login": 1}, "login"),
        ({"user_id": "bob", "login": None}, "login"),
        ({"user_id": "bob", "publish": "true"}, "publish"),
        ({"user_id": "bob", "stream_ids": []}, "stream_ids"),
        ({"user_id": "bob", "stream_ids": "main"}, "stream_ids"),
        ({"user_id": "bob", "stream_ids": ["a b"]}, "stream_ids"),
        ({"user_id": "bob", "stream_ids": [1]}, "stream_ids"),
        ({"user_id": "bob", "stream_ids": ["s"] * 101}, "stream_ids"),
        ({"user_id": "bob", "role": "host"}, "role"),
        (None, "detail"),
        ("bob", "detail"),
        (DEEP, "detail"),
    ],
)
def test_a_participant_that_cannot_be_used_is_left_out_alone(entry: object, field: str) -> None:
    detail = room_detail("alice") | {"participants": [{"user_id": "alice"}, entry, {"user_id": "zoe"}]}

    room, rejected = scheduled_room(detail, SETTINGS)

    assert [participant.user_id for participant in room.participants] == ["alice", "zoe"]
    assert [(bad.entry, bad.field) for bad in rejected] == [("participants[1]", field)]
    assert rejected[0].reason


def test_of_a_user_that_is_listed_twice_the_first_counts() -> None:
    room, _ = scheduled_room(room_detail({"user_id": "alice", "publish": True}, "alice"), SETTINGS)
    assert room.participants == (Participant(user_id="alice", publish=True),)


def test_as_many_participants_as_there_may_be_and_one_more() -> None:
    users = [f"user-{number}" for number in range(MAX_PARTICIPANTS + 1)]

    assert len(scheduled_room(room_detail(*users[1:]), SETTINGS)[0].participants) == 10_000
    assert len(tokens_request(tokens_detail(user_ids=users[1:]), SETTINGS)[0].participants) == 10_000

    with pytest.raises(InvalidRequestError, match="participants must have at most 10000 entries"):
        scheduled_room(room_detail(*users), SETTINGS)
    with pytest.raises(InvalidRequestError, match="user_ids must have at most 10000 entries"):
        tokens_request(tokens_detail(user_ids=users), SETTINGS)


def test_a_room_without_participants_is_a_room() -> None:
    assert scheduled_room(room_detail(), SETTINGS)[0].participants == ()


def test_tokens_for_users_and_for_participants_of_a_room() -> None:
    for_users, _ = tokens_request(tokens_detail(user_ids=["alice", "bob"]), SETTINGS)
    assert for_users.room_id is None
    assert for_users.participants == (Participant(user_id="alice"), Participant(user_id="bob"))

    speaker = {"user_id": "alice", "publish": True}
    in_room, _ = tokens_request(tokens_detail(participants=[speaker], room_id="demo"), SETTINGS)
    assert in_room.room_id == "demo"
    assert in_room.participants == (Participant(user_id="alice", publish=True),)
    assert (in_room.request_id, in_room.effective_time_in_seconds) == ("r-1", 600)


@pytest.mark.parametrize("request_id", ["r", "A-b_c.9", "x" * 128])
def test_request_ids_that_are_taken(request_id: str) -> None:
    assert tokens_request(tokens_detail(request_id, user_ids=[]), SETTINGS)[0].request_id == request_id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"request_id": ""}, "request_id"),
        ({"request_id": "x" * 129}, "request_id"),
        ({"request_id": "a/b"}, "request_id"),
        ({"request_id": "é"}, "request_id"),
        ({"request_id": "²"}, "request_id"),
        ({"request_id": "a\n"}, "request_id"),
        ({"request_id": 5}, "request_id"),
        ({"request_id": None}, "request_id"),
        ({"effective_time_in_seconds": 0}, "effective_time_in_seconds"),
        ({"effective_time_in_seconds": 59}, "effective_time_in_seconds"),
        ({"effective_time_in_seconds": 600.5}, "effective_time_in_seconds"),
        ({"effective_time_in_seconds": True}, "effective_time_in_seconds"),
        ({"effective_time_in_seconds": NAN}, "effective_time_in_seconds"),
        ({"effective_time_in_seconds": 10**400}, "effective_time_in_seconds"),
        ({"participants": []}, "user_ids"),
        ({"room_id": None}, "room_id"),
        ({"app_id": False}, "app_id"),
        ({"version": 0}, "version"),
        ({"revision": 1}, "revision"),
    ],
)
def test_requests_for_tokens_that_are_refused(changes: dict[str, object], field: str) -> None:
    assert field_at_fault(tokens_request, tokens_detail(user_ids=["alice"]) | changes) == field


def test_participants_need_a_room_and_somebody_is_to_be_named() -> None:
    assert field_at_fault(tokens_request, tokens_detail(participants=[])) == "room_id"
    assert field_at_fault(tokens_request, tokens_detail()) == "user_ids"
