"""Payloads of room tokens."""

import json
from typing import Any

import pytest

from zego_token import ErrorCode, TokenError, room_payload


def test_the_default_lets_log_in_and_no_more() -> None:
    assert room_payload("demo") == '{"room_id":"demo","privilege":{"1":1,"2":0},"stream_id_list":null}'


@pytest.mark.parametrize("login", [True, False])
@pytest.mark.parametrize("publish", [True, False])
def test_every_combination_of_privileges(login: bool, publish: bool) -> None:
    payload = json.loads(room_payload("demo", login=login, publish=publish, stream_ids=["s1", "s2"]))

    assert payload == {
        "room_id": "demo",
        "privilege": {"1": int(login), "2": int(publish)},
        "stream_id_list": ["s1", "s2"],
    }


def test_unicode_stays_as_it_is() -> None:
    assert "房间😀" in room_payload("房间😀")


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ({"room_id": ""}, ErrorCode.ROOM_ID_INVALID, "room_id"),
        ({"room_id": 5}, ErrorCode.ROOM_ID_INVALID, "room_id"),
        ({"room_id": "\udc00"}, ErrorCode.ROOM_ID_INVALID, "room_id"),
        ({"login": 1}, ErrorCode.PRIVILEGE_INVALID, "login"),
        ({"publish": None}, ErrorCode.PRIVILEGE_INVALID, "publish"),
        *(
            ({"stream_ids": bad}, ErrorCode.PRIVILEGE_INVALID, "stream_ids")
            for bad in ([], (), "s1", {"s1"}, [1], [""], ["s1", None], ["\ud800"])
        ),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], code: ErrorCode, field: str) -> None:
    with pytest.raises(TokenError) as refused:
        room_payload(**{"room_id": "demo"} | arguments)

    assert (refused.value.code, refused.value.field) == (code, field)
