"""Tokens from grants, and who may join a room."""

import json
import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from tests.api import Api, handler_over
from tests.factories import APP_ID, SECRET, TRIGGERS, as_user, without_caller
from tests.independent import open_token
from tests.output import Written
from tests.room_requests import ALICE, BOB, HOUR, SETTINGS, enroll, entry, refused, request, schedule, window
from zego_service.deployment import Deployment as Service
from zego_service.provisioning.rooms import CancelledRoom, Participant, RoomKey


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize(
    "participant", [ALICE, Participant(user_id="alice"), Participant(user_id="alice", login=False)]
)
def test_the_grant_says_what_is_in_the_token(
    service: Service, api: Api, trigger: str, participant: Participant
) -> None:
    schedule(service, BOB, participant)

    answer = api(entry(trigger))

    assert answer.status == 200
    streams = None if participant.stream_ids is None else [*participant.stream_ids]
    assert json.loads(open_token(answer.json["token"], SECRET).content["payload"]) == {
        "room_id": "demo",
        "privilege": {"1": int(participant.login), "2": int(participant.publish)},
        "stream_id_list": streams,
    }
    assert answer.json["user_id"] == "alice"


@pytest.mark.parametrize("trigger", ["http_api", "rest_api"])
def test_a_user_needs_no_body_and_no_scope_for_publishing(service: Service, api: Api, trigger: str) -> None:
    schedule(service, ALICE)

    answer = api(as_user(entry(trigger), {"sub": "alice"}) | {"body": None})

    assert answer.status == 200
    assert answer.json["privilege"] == {"login": True, "publish": True}


def test_a_user_learns_nothing_of_others(service: Service, api: Api) -> None:
    schedule(service, ALICE)

    refused(api(as_user(entry(), {"sub": "eve"})), 403, "own-user", "user_id")
    refused(api(as_user(entry(room_id="none"), {"sub": "eve"})), 403, "own-user", "user_id")
    refused(api(without_caller(entry())), 401)


def test_before_the_window_it_says_when_to_come_back(service: Service, api: Api) -> None:
    when = window(HOUR, 2 * HOUR)
    schedule(service, ALICE, when=when)

    answer = refused(api(entry()), 403, "too-early", "room_id")

    assert HOUR - 60 < int(answer.headers["retry-after"]) <= HOUR
    assert str(when.starts_at) in answer.json["detail"]


def test_after_the_window_there_is_no_token(service: Service, api: Api) -> None:
    schedule(service, ALICE, when=window(-2 * HOUR, -HOUR))

    assert "retry-after" not in refused(api(entry()), 403, "too-late", "room_id").headers


def test_without_a_grant_there_is_no_token(service: Service, api: Api) -> None:
    refused(api(entry()), 403, "no-grant", "room_id")
    schedule(service, BOB)
    refused(api(entry()), 403, "no-grant", "room_id")


def test_a_cancelled_room_lets_nobody_in(service: Service, api: Api) -> None:
    schedule(service, ALICE)
    enroll(service, ALICE)

    service.grants.cancel(CancelledRoom(RoomKey(APP_ID, "demo"), 1))

    refused(api(entry()), 403, "room-cancelled", "room_id")


def test_a_roster_lets_in_whom_the_schedule_does_not(service: Service, api: Api) -> None:
    # given alice, who is on a roster and, for later, in the schedule
    schedule(service, ALICE, when=window(HOUR, 2 * HOUR))
    enroll(service, Participant(user_id="alice"))

    # then the roster counts now, in its highest revision
    assert api(entry()).json["privilege"] == {"login": True, "publish": False}
    enroll(service, ALICE, revision=2)
    assert api(entry()).json["stream_ids"] == ["s1", "s2"]
    enroll(service, ALICE, window(2 * HOUR, 3 * HOUR), revision=3)
    assert HOUR - 60 < int(refused(api(entry()), 403, "too-early", "room_id").headers["retry-after"]) <= HOUR

    # and of two that are open, the schedule
    schedule(service, BOB, Participant(user_id="alice"), revision=2)
    enroll(service, ALICE, revision=4)
    assert api(entry()).json["stream_ids"] is None


def test_the_token_ends_with_the_grant(service: Service, api: Api) -> None:
    when = window(ends_in=600)
    schedule(service, ALICE, when=when)

    # not said: as long as the grant, but for the second that has begun
    assert api(entry()).json["expires_at"] in (when.ends_at - 1, when.ends_at)
    # said: as long as was said, or refused
    short = api(entry(effective_time_in_seconds=60)).json
    assert short["expires_at"] - short["issued_at"] == 60
    long = api(entry(effective_time_in_seconds=700))
    refused(long, 403, "grant-window", "effective_time_in_seconds")
    assert str(when.ends_at) in long.json["detail"]


def test_the_deployments_own_limit_counts_too(service: Service, api: Api) -> None:
    schedule(service, ALICE, when=window(ends_in=10 * 86_400))

    assert api(entry()).json["expires_in"] == SETTINGS.default_ttl_seconds
    refused(
        api(entry(effective_time_in_seconds=SETTINGS.max_ttl_seconds + 1)),
        403,
        "longest-validity",
        "effective_time_in_seconds",
    )


def test_a_revoked_user_has_no_use_of_a_grant(service: Service, api: Api) -> None:
    schedule(service, ALICE)
    until = int(time.time()) + HOUR
    api(request("POST", "/v1/revocations", body={"user_id": "alice", "until": until}))

    refused(api(entry()), 403, "revoked", "user_id")


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"user_id": None}, 400, "user_id"),
        ({"user_id": "a" * 64}, 400, "user_id"),
        ({"app_id": 5}, 404, "app_id"),
        ({"app_id": True}, 400, "app_id"),
        ({"privilege": {"login": True, "publish": True}}, 400, "privilege"),
        ({"payload": ""}, 400, "payload"),
        ({"product": "zim"}, 400, "room_id"),
        ({"product": "chat"}, 400, "product"),
        ({"stream_ids": ["s9"]}, 400, "stream_ids"),
        ({"version": "03"}, 400, "stream_ids"),
        ({"version": "05"}, 400, "version"),
        ({"effective_time_in_seconds": 0}, 400, "effective_time_in_seconds"),
    ],
)
def test_a_request_cannot_ask_for_more(
    service: Service, api: Api, fields: dict[str, Any], status: int, field: str
) -> None:
    schedule(service, ALICE)

    answer = api(entry(**fields))

    assert (answer.status, answer.json.get("field")) == (status, field)


def test_a_user_of_another_app_finds_none(service: Service, api: Api) -> None:
    schedule(service, ALICE)

    refused(api(as_user(entry(app_id=5), {"sub": "alice"})), 404, field="app_id")


def test_a_token03_has_the_privileges_of_the_grant(service: Service, api: Api) -> None:
    schedule(service, Participant(user_id="alice", publish=True))

    answer = api(entry(version="03"))

    assert open_token(answer.json["token"], SECRET).content["privilege"] == {"1": 1, "2": 1}


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize(
    "room_id", ["100%41", "100%", "a#b", "..", "a&b=c", "a+b", "a;b,c", "\\", "`'", "<v1>", "x" * 127]
)
def test_a_room_may_have_any_name_that_express_takes(
    service: Service, api: Api, trigger: str, room_id: str
) -> None:
    schedule(service, ALICE, room_id=room_id)

    assert api(entry(trigger, room_id)).json["room_id"] == room_id


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize(
    "room_id", ["a/b", "/", "ü €", "a?b", "教室", '"', "😀", "{room_id}", "v1/v1/", "a b", "a|b"]
)
def test_a_room_that_express_refuses_is_told_so_and_can_still_be_looked_at(
    service: Service, api: Api, trigger: str, room_id: str
) -> None:
    schedule(service, ALICE, room_id=room_id)

    shown = api(request("GET", "/v1/rooms/{room_id}/grants", trigger, room_id=room_id))

    refused(api(entry(trigger, room_id)), 400, field="room_id")
    assert shown.json["room"]["room_id"] == room_id
    assert [grant["user_id"] for grant in shown.json["grants"]] == ["alice"]


@pytest.mark.parametrize("room_id", ["%FF", "%00", "a" * 128, "%E2%80%AE", "%ED%A0%80", "\ud800"])
def test_a_bad_name_is_refused(api: Api, room_id: str) -> None:
    event = entry("function_url") | {"rawPath": f"/v1/rooms/{room_id}/tokens"}

    refused(api(event), 400, field="room_id")


class Unreachable:
    """DynamoDB that answers nobody, but for who is revoked."""

    def __init__(self) -> None:
        self._client = boto3.client("dynamodb")

    def __getattr__(self, name: str) -> Any:
        if name in ("get_item", "query", "update_item"):
            raise EndpointConnectionError(endpoint_url="https://dynamodb.invalid")
        return getattr(self._client, name)


@pytest.mark.usefixtures("service")
def test_without_the_table_it_is_to_be_tried_again(written: Written) -> None:
    api = Api(handler_over(boto3.client("secretsmanager"), SETTINGS, Unreachable()))  # type: ignore[arg-type]

    for event in (
        entry(),
        request("GET", "/v1/rooms/{room_id}/grants", room_id="demo"),
        request("GET", "/v1/provisioned/{request_id}/{user_id}", request_id="r", user_id="alice"),
    ):
        answer = refused(api(event), 503)
        assert answer.headers["retry-after"] == "5"
    assert '"GrantsUnavailable":[1.0]' in written()


def test_every_entry_is_in_the_audit_log(service: Service, api: Api, written: Written) -> None:
    schedule(service, ALICE)

    token = api(entry()).json["token"]
    api(entry(room_id="other"))

    lines = [json.loads(line) for line in written().splitlines()]
    records = [line for line in lines if line.get("message") == "token decision"]
    assert [(record["outcome"], record["room_id"], record.get("rule")) for record in records] == [
        ("issued", "demo", None),
        ("refused", "other", "no-grant"),
    ]
    assert records[0]["publish"] is True
    assert token not in json.dumps(lines)


def test_a_rosters_row_that_has_ended_never_brings_an_older_one_back(service: Service, api: Api) -> None:
    # given a roster that lets alice in, and a later one that has ended for her
    enroll(service, ALICE, revision=1_000)
    enroll(service, ALICE, window(-2 * HOUR, -HOUR), revision=2_000)
    refused(api(entry()), 403, "too-late", "room_id")

    # when DynamoDB has removed whatever expires first, one row after the other
    dynamodb = boto3.client("dynamodb")
    rows = dynamodb.scan(TableName=SETTINGS.table)["Items"]
    for row in sorted(rows, key=lambda row: int(row["expires_at"]["N"])):
        dynamodb.delete_item(TableName=SETTINGS.table, Key={"pk": row["pk"], "sk": row["sk"]})

        # then she is still not let in
        assert api(entry()).status == 403
