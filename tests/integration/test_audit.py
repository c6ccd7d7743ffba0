"""One record for each decision: who asked for what, what came of it, and never the token."""

import hashlib
import json
from typing import Any

import pytest

from tests.api import Api
from tests.factories import APP_ID, SECRET, TRIGGERS, as_user, token_event, without_caller
from tests.output import Written
from tests.revocation_requests import HOUR, revocations_event

ROOM = {"room_id": "demo"}
NASTY = "a\r\nb\x1b[31mc\u2028d\x9b2Je"


def record(text: str) -> dict[str, Any]:
    (only,) = (json.loads(line) for line in text.split("\n") if '"token decision"' in line)
    return dict(only)


def test_an_issued_token_leaves_its_fingerprint(api: Api, written: Written) -> None:
    event = as_user(
        token_event(fields={**ROOM, "privilege": {"login": True, "publish": True}, "stream_ids": ["s1"]}),
        {"sub": "alice", "scope": "zego:publish"},
    )

    token = api(event).json["token"]

    text = written()
    entry = record(text)
    assert {
        name: entry[name]
        for name in ("outcome", "caller", "caller_kind", "app_id", "user_id", "room_id", "login", "publish",
                     "stream_ids", "product", "version", "effective_time_in_seconds", "correlation_id")
    } == {
        "outcome": "issued",
        "caller": "jwt:alice",
        "caller_kind": "user",
        "app_id": APP_ID,
        "user_id": "alice",
        "room_id": "demo",
        "login": True,
        "publish": True,
        "stream_ids": ["s1"],
        "product": "rtc",
        "version": "04",
        "effective_time_in_seconds": 3600,
        "correlation_id": event["requestContext"]["requestId"],
    }  # fmt: skip
    assert entry["token_fingerprint"] == hashlib.sha256(token.encode()).hexdigest()[:16]
    assert token[2:60] not in text
    assert SECRET not in text


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            as_user(token_event(fields={**ROOM, "user_id": "bob"}), {"sub": "alice"}),
            {
                "reason": "not_entitled",
                "rule": "own-user",
                "field": "user_id",
                "caller": "jwt:alice",
                "user_id": "bob",
            },
        ),
        (
            as_user(token_event(fields={**ROOM, "effective_time_in_seconds": 10**6}), {"sub": "alice"}),
            {"rule": "longest-validity", "effective_time_in_seconds": 10**6, "room_id": "demo"},
        ),
        (token_event(fields={"app_id": 5}), {"reason": "unknown_app", "app_id": 5, "caller_kind": "service"}),
        (token_event(body="{"), {"reason": "invalid_request", "field": "body", "caller_kind": "service"}),
        (without_caller(token_event()), {"reason": "unauthenticated"}),
    ],
)
def test_a_refused_token_leaves_who_asked_for_what(
    api: Api, event: dict[str, Any], expected: dict[str, Any], written: Written
) -> None:
    api(event)

    entry = record(written())
    assert entry["outcome"] == "refused"
    assert {name: entry[name] for name in expected} == expected


TOKEN_FIELDS = (
    "app_id", "appID", "appId", "user_id", "userID", "userId", "version", "effective_time_in_seconds",
    "effectiveTimeInSeconds", "room_id", "roomID", "roomId", "privilege", "stream_ids", "stream_id_list",
    "product", "payload",
)  # fmt: skip
NASTY_FIELDS: list[dict[str, Any]] = [
    *({name: NASTY} for name in (*TOKEN_FIELDS, NASTY)),
    *({name: [NASTY]} for name in ("app_id", "user_id", "privilege", "stream_ids")),
    *({"room_id": "demo", name: NASTY} for name in ("privilege", "stream_ids")),
    {"room_id": "demo", "stream_ids": [NASTY]},
    {"room_id": "demo", "privilege": {NASTY: 1, "1": 1}},
    {"room_id": "demo", "privilege": {"login": NASTY, "publish": True}},
]
NASTY_CLAIMS: list[dict[str, Any]] = [
    {"sub": NASTY},
    {"sub": NASTY, "scope": "zego:issue zego:publish"},
    {"sub": "alice", "scope": NASTY},
    {"sub": "alice", "cognito:groups": [NASTY]},
]


def assert_lines_are_whole(text: str) -> None:
    """That every line, however lines are told apart, is one object, with nothing a terminal would obey."""
    assert all(isinstance(json.loads(line), dict) for line in text.splitlines())
    assert all(character.isprintable() or character == "\n" for character in text)


@pytest.mark.parametrize("fields", NASTY_FIELDS, ids=ascii)
def test_nobody_can_write_lines_of_their_own(api: Api, fields: dict[str, Any], written: Written) -> None:
    for trigger in TRIGGERS:
        for event in (
            token_event(trigger, fields),
            as_user(token_event(trigger, fields), {"sub": "alice"}),
        ):
            api(event)

            text = written()
            assert len(text.splitlines()) == 2  # the metric and the record
            assert_lines_are_whole(text)


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("claims", NASTY_CLAIMS, ids=ascii)
def test_no_caller_can_write_lines_of_its_own(
    api: Api, trigger: str, claims: dict[str, Any], written: Written
) -> None:
    for user_id in ("alice", NASTY):
        api(as_user(token_event(trigger, {**ROOM, "user_id": user_id}), claims))
        api(as_user(revocations_event("POST", trigger, body={"user_id": "eve", "until": HOUR}), claims))

    text = written()
    assert text.count('"token decision"') == 2
    assert_lines_are_whole(text)


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("name", ["content-type", "user-agent", "x-amzn-trace-id", NASTY])
def test_no_header_query_path_or_request_id_writes_lines(
    api: Api, trigger: str, name: str, written: Written
) -> None:
    event = token_event(trigger, headers={name: NASTY})
    context = {**event["requestContext"], "requestId": NASTY}
    for path in ("/v1/tokens", f"/v1/{NASTY}"):
        api(
            event
            | {"requestContext": context, "path": path, "rawPath": path, "rawQueryString": NASTY}
            | {"queryStringParameters": {NASTY: NASTY}, "multiValueQueryStringParameters": {NASTY: [NASTY]}}
        )

    text = written()
    assert record(text)["correlation_id"] == NASTY
    assert_lines_are_whole(text)


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("name", ["app_id", "user_id", "room_id", "until", "kick", NASTY])
def test_no_revocation_writes_lines(api: Api, trigger: str, name: str, written: Written) -> None:
    fields = {"user_id": "eve", "room_id": "demo", "until": HOUR, name: NASTY}
    api(revocations_event("POST", trigger, body=fields))
    api(revocations_event("DELETE", trigger, query={"user_id": "eve", name: NASTY}))
    api(revocations_event("GET", trigger, query={name: NASTY}))

    assert_lines_are_whole(written())


def test_what_is_written_is_bounded(api: Api, written: Written) -> None:
    api(as_user(token_event(fields={"user_id": "x" * 60_000, "room_id": "y" * 60}), {"sub": "z" * 100_000}))

    assert len(written()) < 3_000
