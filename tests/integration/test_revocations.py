"""Revocations: set, seen and lifted by those who may, in force within five seconds."""

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.api import Api
from tests.factories import APP_ID, SECRET, TRIGGERS, as_user, token_event, without_caller
from tests.output import Written
from tests.revocation_requests import HOUR, revocations_event, revoke
from zego_service.issuing import revocations
from zego_token import room_payload

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

NOW = int(time.time())


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_revocation_is_set_seen_and_lifted(api: Api, trigger: str) -> None:
    put = api(revocations_event("POST", trigger, body={"user_id": "eve", "room_id": "demo", "until": HOUR}))
    seen = api(revocations_event("GET", trigger))
    lifted = api(revocations_event("DELETE", trigger, query={"user_id": "eve", "room_id": "demo"}))
    again = api(revocations_event("DELETE", trigger, query={"user_id": "eve", "room_id": "demo"}))

    assert put.status == 201
    assert "until they expire" in put.json["note"]
    assert "KickoutUser" in put.json["note"]
    (only,) = seen.json["revocations"]
    assert {name: only[name] for name in ("app_id", "user_id", "room_id", "until")} == {
        "app_id": APP_ID,
        "user_id": "eve",
        "room_id": "demo",
        "until": HOUR,
    }
    assert only["created_by"].startswith("iam:arn:")
    assert (lifted.json, again.json) == ({"lifted": True}, {"lifted": False})
    assert api(revocations_event("GET", trigger)).json == {"revocations": []}


@pytest.mark.parametrize(
    ("revoked", "stopped", "allowed"),
    [
        (
            {"user_id": "eve"},
            [{"user_id": "eve"}, {"user_id": "eve", "room_id": "demo"}, {"user_id": "eve", "product": "zim"}],
            [{"user_id": "bob"}, {"user_id": "Eve"}],
        ),
        (
            {"room_id": "demo"},
            [
                {"room_id": "demo"},
                {"user_id": "bob", "room_id": "demo", "version": "03"},
                {"payload": '{"room_id":"demo","privilege":{"1":1,"2":1},"stream_id_list":null}'},
            ],
            [{"room_id": "other"}, {"product": "zim"}, {}],
        ),
        (
            {"user_id": "eve", "room_id": "demo"},
            [
                {"user_id": "eve", "room_id": "demo"},
                {"user_id": "eve"},
                {"user_id": "eve", "payload": ""},
                {"user_id": "eve", "payload": room_payload("demo")},
                {"user_id": "eve", "product": "zim"},
            ],
            [
                {"user_id": "eve", "room_id": "other"},
                {"user_id": "bob", "room_id": "demo"},
                {"user_id": "eve", "payload": room_payload("other")},
            ],
        ),
    ],
)
def test_it_stops_what_it_names_and_nothing_else(
    api: Api, revoked: dict[str, Any], stopped: list[dict[str, Any]], allowed: list[dict[str, Any]]
) -> None:
    revoke(api, **revoked)

    for fields in stopped:
        answer = api(token_event(fields=fields))
        assert (answer.status, answer.json["rule"]) == (403, "revoked"), fields
    assert [api(token_event(fields=fields)).status for fields in allowed] == [200] * len(allowed)


def test_lifting_it_lets_in_again(api: Api) -> None:
    revoke(api, user_id="alice")
    assert api(token_event()).status == 403

    api(revocations_event("DELETE", query={"user_id": "alice"}))

    assert api(token_event()).status == 200


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
@pytest.mark.parametrize("trigger", ["http_api", "rest_api"])
def test_only_those_who_may_revoke(api: Api, trigger: str, method: str) -> None:
    event = revocations_event(
        method, trigger, body={"user_id": "eve", "until": HOUR}, query={"user_id": "eve"}
    )

    assert api(without_caller(event)).status == 401
    user = api(as_user(event, {"sub": "alice", "scope": "zego:publish"}))
    assert (user.status, user.json["rule"]) == (403, "revoke-scope")
    assert api(as_user(event, {"sub": "alice", "scope": "zego:revoke"})).status in (200, 201)
    assert api(as_user(event, {"client_id": "backend", "scope": "zego:issue"})).status in (200, 201)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"until": HOUR}, "user_id"),
        ({"user_id": "eve"}, "until"),
        *(
            ({"user_id": "eve", "until": bad}, "until")
            for bad in (0, 1, -1, HOUR + 10**9, 1.5, "1", True, None, 10**30)
        ),
        *(({"user_id": bad, "until": HOUR}, "user_id") for bad in ("", 1, None, "x" * 64, "a\n", "\ud800")),
        *(({"room_id": bad, "until": HOUR}, "room_id") for bad in ("", 1, None, "x" * 128, "\u202e")),
        ({"user_id": "eve", "until": HOUR, "app_id": "1"}, "app_id"),
        ({"user_id": "eve", "until": HOUR, "privilege": {}}, "privilege"),
        ({"user_id": "eve", "userId": "eve", "until": HOUR}, "user_id"),
        ("{", "body"),
        (None, "body"),
    ],
)
def test_bad_revocations_name_the_field(api: Api, body: Any, field: str) -> None:
    answer = api(revocations_event("POST", body=body))

    assert (answer.status, answer.json["field"]) == (400, field)


@pytest.mark.parametrize(
    ("query", "field"),
    [(None, "user_id"), ({}, "user_id"), ({"app_id": "x", "user_id": "a"}, "app_id"), ({"who": "a"}, "who"),
     ({"app_id": "9" * 5000, "user_id": "a"}, "app_id"), ({"user_id": ""}, "user_id")],
)  # fmt: skip
def test_bad_queries_name_the_field(api: Api, query: dict[str, str] | None, field: str) -> None:
    answer = api(revocations_event("DELETE", query=query))

    assert (answer.status, answer.json["field"]) == (400, field)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_name_that_is_given_twice_is_refused(api: Api, trigger: str) -> None:
    event = revocations_event("DELETE", trigger, query={"user_id": "a,b"})
    event["rawQueryString"] = "user_id=a&user_id=b"
    event["multiValueQueryStringParameters"] = {"user_id": ["a", "b"]}

    answer = api(event)

    assert (answer.status, answer.json["field"]) == (400, "user_id")


def by_moderator(api: Api, method: str, subject: str = "mod", **fields: Any) -> Any:
    """What a user with the scope sets or lifts."""
    if method == "POST":
        event = revocations_event("POST", body={"until": HOUR, **fields})
    else:
        event = revocations_event(method, query=fields)
    return api(as_user(event, {"sub": subject, "scope": "zego:revoke"}))


def test_there_are_not_more_than_are_read_in_one_go_and_each_can_be_extended(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocations, "MAX_ACTIVE", 2)
    assert [revoke(api, user_id=user).status for user in ("a", "b", "c")] == [201, 201, 409]

    assert revoke(api, user_id="a", until=HOUR + 60).status == 201

    found = api(revocations_event("GET")).json["revocations"]
    assert {each["user_id"]: each["until"] for each in found} == {"a": HOUR + 60, "b": HOUR}
    assert revoke(api, user_id="a", room_id="demo").status == 409


def test_users_cannot_crowd_out_a_service(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: users have set as many as they may
    monkeypatch.setattr(revocations, "MAX_ACTIVE", 4)
    monkeypatch.setattr(revocations, "MAX_BY_USERS", 2)
    statuses = [by_moderator(api, "POST", user_id=user).status for user in ("a", "b", "c")]

    # then: services may still set theirs, up to the limit of all
    assert statuses == [201, 201, 409]
    assert [revoke(api, user_id=user).status for user in ("c", "d", "e")] == [201, 201, 409]
    # and a user may extend one of a service, which does not become a user's
    assert by_moderator(api, "POST", user_id="c", until=HOUR + 60).status == 201
    found = api(revocations_event("GET")).json["revocations"]
    assert {each["user_id"]: each["by_user"] for each in found} == {
        "a": True,
        "b": True,
        "c": False,
        "d": False,
    }


def test_half_of_the_limit_is_the_services() -> None:
    assert revocations.MAX_BY_USERS * 2 == revocations.MAX_ACTIVE == 1000


@pytest.mark.parametrize(("method", "until"), [("DELETE", {}), ("POST", {"until": NOW + 1800}), ("POST", {})])
@pytest.mark.parametrize(
    ("revoked", "target"),
    [
        ({"user_id": "mod"}, {"user_id": "mod"}),
        ({"user_id": "mod"}, {"user_id": "eve"}),
        ({"user_id": "mod"}, {"room_id": "demo"}),
        ({"user_id": "mod", "room_id": "demo"}, {"user_id": "mod", "room_id": "demo"}),
        ({"user_id": "mod", "room_id": "demo"}, {"user_id": "mod"}),
    ],
)
def test_a_revoked_user_cannot_lift_or_change_their_own_revocation(
    api: Api, method: str, until: dict[str, Any], revoked: dict[str, str], target: dict[str, str]
) -> None:
    revoke(api, **revoked)

    answer = by_moderator(api, method, **target, **until)

    assert (answer.status, answer.json["rule"]) == (403, "revoked")
    (only,) = api(revocations_event("GET")).json["revocations"]
    assert only["until"] == HOUR


def test_a_moderator_who_is_revoked_in_one_room_still_moderates_others(api: Api) -> None:
    revoke(api, user_id="mod", room_id="demo")

    assert by_moderator(api, "POST", user_id="eve", room_id="other").status == 201
    assert by_moderator(api, "DELETE", user_id="eve", room_id="other").json == {"lifted": True}
    assert by_moderator(api, "GET").status == 200
    assert by_moderator(api, "POST", subject="another", user_id="mod").status == 201


def test_a_refused_attempt_leaves_a_trace(api: Api, written: Written) -> None:
    api(as_user(revocations_event("GET"), {"sub": "mallory"}))

    metric, entry = (json.loads(line) for line in written().splitlines())
    assert metric["RequestRejected"] == [1.0]
    assert (entry["message"], entry["rule"], entry["caller"]) == (
        "request rejected",
        "revoke-scope",
        "jwt:mallory",
    )


def test_apps_do_not_mix(api: Api, secrets_manager: "SecretsManagerClient") -> None:
    secrets_manager.create_secret(Name="zego/5", SecretString=SECRET)

    revoke(api, app_id=5, user_id="alice")

    assert api(token_event(fields={"app_id": 5})).status == 403
    assert api(token_event()).status == 200
    assert api(revocations_event("GET", query={"app_id": "5"})).json["revocations"]
    assert not api(revocations_event("GET")).json["revocations"]


def test_it_is_written_to_the_log_who_did_it(api: Api, written: Written) -> None:
    revoke(api, user_id="eve")
    api(revocations_event("DELETE", query={"user_id": "eve"}))

    revoked, lifted = (json.loads(line) for line in written().splitlines())
    assert (revoked["message"], revoked["user_id"], revoked["caller_kind"]) == ("revoked", "eve", "service")
    assert (lifted["message"], lifted["user_id"]) == ("revocation lifted", "eve")


@pytest.mark.parametrize("user_id", ["auth0|64f0c0ffee", "eu-central-1:1f6c1f0e", "Zoë", "a b"])
def test_users_whom_only_zim_takes_can_be_revoked(api: Api, user_id: str) -> None:
    put = revoke(api, user_id=user_id)
    stopped = api(token_event(fields={"user_id": user_id, "product": "zim"}))
    lifted = api(revocations_event("DELETE", query={"user_id": user_id}))

    assert (put.status, stopped.status, lifted.json) == (201, 403, {"lifted": True})
