"""Which rooms users get tokens for, with either setting and by either route."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.api import Answer, Api
from tests.factories import APP_ID, SECRET, as_user, token_event
from tests.independent import open_token
from tests.room_requests import ALICE, BOB, HOUR, SETTINGS, enroll, entry, refused, request, schedule, window
from token_api.handler import create_handler
from zego_service.deployment import Deployment as Service
from zego_service.provisioning.rooms import CancelledRoom, Participant, RoomKey

TRIGGERS = ("http_api", "rest_api")
Ask = Callable[..., Answer]
OF_ALICE = {"sub": "alice"}
ON_STAGE = {"sub": "alice", "scope": "zego:publish"}


def by_room(
    api: Api, claims: dict[str, Any] = OF_ALICE, trigger: str = "http_api", **fields: object
) -> Answer:
    return api(as_user(entry(trigger, "demo", **fields), claims))


def by_token(
    api: Api, claims: dict[str, Any] = OF_ALICE, trigger: str = "http_api", **fields: object
) -> Answer:
    return api(as_user(token_event(trigger, {"room_id": "demo", **fields}), claims))


@pytest.fixture
def open_api(service: Service) -> Api:
    """The API over the same tables, where users choose rooms that nobody scheduled."""
    settings = replace(SETTINGS, user_rooms="any")
    return Api(create_handler(Service.over(settings, service.clients)))


def cancel(service: Service) -> None:
    service.grants.cancel(CancelledRoom(RoomKey(APP_ID, "demo"), 9))


def enroll_and_cancel(service: Service) -> None:
    enroll(service, ALICE)
    cancel(service)


ARRANGEMENTS: list[tuple[str, Callable[[Service], None], str]] = [
    ("nothing", lambda _service: None, "no-grant"),
    ("others", lambda service: schedule(service, BOB), "no-grant"),
    ("early", lambda service: schedule(service, ALICE, when=window(HOUR, 2 * HOUR)), "too-early"),
    ("over", lambda service: schedule(service, ALICE, when=window(-2 * HOUR, -60)), "too-late"),
    ("ending", lambda service: schedule(service, ALICE, when=window(ends_in=34)), "too-late"),
    ("cancelled", cancel, "room-cancelled"),
    ("roster over", lambda service: enroll(service, ALICE, window(-2 * HOUR, -60)), "too-late"),
    ("roster cancelled", enroll_and_cancel, "room-cancelled"),
]


@pytest.mark.parametrize(("arrange", "rule"), [pytest.param(a, r, id=i) for i, a, r in ARRANGEMENTS])
@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("fields", [{}, {"version": "03"}], ids=["04", "03"])
def test_without_an_open_grant_no_route_gives_a_user_a_room(
    service: Service,
    api: Api,
    arrange: Callable[[Service], None],
    rule: str,
    trigger: str,
    fields: dict[str, Any],
) -> None:
    # given
    arrange(service)

    # when
    answers = [ask(api, ON_STAGE, trigger, **fields) for ask in (by_room, by_token)]
    kit = by_token(api, ON_STAGE, trigger, **fields, product="uikit")

    # then
    for answer in (*answers, kit):
        refused(answer, 403, rule, "room_id")
    room, token = ({**answer.json, "instance": None, "detail": None} for answer in answers)
    assert room == token
    assert len({re.sub(r"in \d+ seconds", "", answer.json["detail"]) for answer in answers}) == 1
    assert len({"retry-after" in answer.headers for answer in answers}) == 1


def test_no_grant_says_how_to_deploy_otherwise(api: Api) -> None:
    for ask in (by_room, by_token):
        assert "UserRooms=any" in ask(api).json["detail"]


@pytest.mark.parametrize("ask", [by_room, by_token])
@pytest.mark.parametrize("fields", [{}, {"effective_time_in_seconds": 600}])
def test_the_grant_decides_what_was_not_asked(
    service: Service, api: Api, ask: Ask, fields: dict[str, Any]
) -> None:
    schedule(service, ALICE)

    answer = ask(api, **fields).json

    assert (answer["privilege"], answer["stream_ids"]) == ({"login": True, "publish": True}, ["s1", "s2"])
    payload = json.loads(open_token(answer["token"], SECRET).content["payload"])
    assert payload == {"room_id": "demo", "privilege": {"1": 1, "2": 1}, "stream_id_list": ["s1", "s2"]}


@pytest.mark.parametrize(
    ("fields", "privilege", "streams"),
    [
        ({"privilege": {"login": True, "publish": False}}, (True, False), ["s1", "s2"]),
        ({"privilege": {"1": 0, "2": 1}}, (False, True), ["s1", "s2"]),
        ({"stream_ids": ["s2"]}, (True, True), ["s2"]),
        ({"product": "uikit", "stream_id_list": ["s1", "s2"]}, (True, True), ["s1", "s2"]),
    ],
)
def test_a_user_may_ask_for_less_than_the_grant(
    service: Service, api: Api, fields: dict[str, Any], privilege: tuple[bool, bool], streams: list[str]
) -> None:
    schedule(service, ALICE)

    answer = by_token(api, **fields).json

    assert tuple(answer["privilege"].values()) == privilege
    assert answer["stream_ids"] == streams


@pytest.mark.parametrize("claims", [OF_ALICE, ON_STAGE])
@pytest.mark.parametrize(
    ("participant", "fields", "rule", "field"),
    [
        (
            Participant(user_id="alice"),
            {"privilege": {"login": True, "publish": True}},
            "grant-privilege",
            "privilege",
        ),
        (
            Participant(user_id="alice", login=False),
            {"privilege": {"1": 1, "2": 0}},
            "grant-privilege",
            "privilege",
        ),
        (ALICE, {"stream_ids": ["s1", "s3"]}, "grant-streams", "stream_ids"),
        (ALICE, {"effective_time_in_seconds": 2 * HOUR}, "grant-window", "effective_time_in_seconds"),
        (ALICE, {"user_id": "bob"}, "own-user", "user_id"),
    ],
)
def test_more_than_the_grant_is_refused(
    service: Service, api: Api, claims: dict[str, Any], participant: Participant, fields: dict[str, Any],
    rule: str, field: str,
) -> None:  # fmt: skip
    schedule(service, participant, BOB)

    refused(by_token(api, claims, **fields), 403, rule, field)


def test_a_roster_grants_by_either_route(service: Service, api: Api) -> None:
    enroll(service, ALICE)

    assert by_room(api).json["stream_ids"] == by_token(api).json["stream_ids"] == ["s1", "s2"]


def test_a_token03_keeps_to_the_grant_too(service: Service, api: Api) -> None:
    schedule(service, Participant(user_id="alice", publish=True))

    content = open_token(by_token(api, version="03").json["token"], SECRET).content

    assert (content["room_id"], content["privilege"]) == ("demo", {"1": 1, "2": 1})


def test_services_need_no_grant(api: Api) -> None:
    assert api(token_event(fields={"room_id": "demo"})).status == 200
    assert api(token_event(fields={})).status == 200
    assert api(token_event(fields={"product": "zim"})).status == 200


def test_users_get_no_tokens_for_zim_unless_deployed_so(service: Service, api: Api) -> None:
    schedule(service, ALICE)

    refused(api(as_user(token_event(fields={"product": "zim"}), OF_ALICE)), 403, "zim-for-users", "product")


def test_any_room_is_open_where_nobody_scheduled_it(service: Service, open_api: Api) -> None:
    enroll(service, Participant(user_id="bob"))  # a roster alone binds nobody

    assert by_token(open_api).json["privilege"] == {"login": True, "publish": False}
    speak = {"login": True, "publish": True}
    assert by_token(open_api, ON_STAGE, privilege=speak).json["privilege"] == speak
    refused(by_token(open_api, privilege=speak), 403, "publish-scope", "privilege")
    no_grant = refused(by_room(open_api), 403, "no-grant", "room_id")
    assert "UserRooms" not in no_grant.json["detail"]


@pytest.mark.parametrize(
    ("arrange", "rule"),
    [pytest.param(a, r, id=i) for i, a, r in ARRANGEMENTS if i not in ("nothing", "roster over")],
)
def test_a_room_that_was_scheduled_or_cancelled_keeps_to_its_schedule(
    service: Service, open_api: Api, arrange: Callable[[Service], None], rule: str
) -> None:
    arrange(service)

    for ask in (by_room, by_token):
        refused(ask(open_api, ON_STAGE), 403, rule, "room_id")


def test_of_a_scheduled_room_users_get_their_grant(service: Service, open_api: Api) -> None:
    schedule(service, ALICE)

    assert by_token(open_api).json["stream_ids"] == ["s1", "s2"]
    refused(by_token(open_api, stream_ids=["s3"]), 403, "grant-streams", "stream_ids")
    refused(by_token(open_api, user_id="bob"), 403, "own-user", "user_id")


def test_a_revoked_user_has_no_use_of_any_room(service: Service, api: Api, open_api: Api) -> None:
    schedule(service, ALICE)
    until = window().ends_at
    api(request("POST", "/v1/revocations", body={"user_id": "alice", "until": until}))

    for each in (api, open_api):
        refused(by_token(each), 403, "revoked", "user_id")
