"""One record for each decision: who asked for what, what came of it, and never the token."""

import hashlib
import json
from typing import Any

import pytest

from tests.factories import APP_ID, SECRET, as_user, token_event, without_caller
from tests.integration.conftest import Api, Written

ROOM = {"room_id": "demo"}
NASTY = "a\r\nb\x1b[31mc\u2028d"


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


@pytest.mark.parametrize(
    "event",
    [
        *(
            token_event(fields={**ROOM, name: NASTY})
            for name in ("user_id", "room_id", "version", "product", NASTY)
        ),
        token_event(fields={**ROOM, "stream_ids": [NASTY]}),
        as_user(token_event(fields=ROOM), {"sub": NASTY}),
        as_user(token_event(fields={**ROOM, "user_id": NASTY}), {"sub": NASTY}),
        token_event() | {"requestContext": {**token_event()["requestContext"], "requestId": NASTY}},
    ],
)
def test_nobody_can_write_lines_of_their_own(api: Api, event: dict[str, Any], written: Written) -> None:
    api(event)

    text = written()
    assert len(text.splitlines()) == 2  # the metric and the record
    assert all(character.isprintable() or character == "\n" for character in text)
    assert record(text)


def test_what_is_written_is_bounded(api: Api, written: Written) -> None:
    api(as_user(token_event(fields={"user_id": "x" * 60_000, "room_id": "y" * 60}), {"sub": "z" * 100_000}))

    assert len(written()) < 3_000
