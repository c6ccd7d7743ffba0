"""Requests that contradict themselves are refused by the service, whoever makes them."""

from typing import Any

import pytest

from zego_service.errors import InvalidRequestError
from zego_service.issuing.requests import RoomPrivilege, TokenRequest


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"payload": "", "room_id": "r"}, "payload"),
        ({"payload": "", "version": "03"}, "payload"),
        ({"version": "03"}, "room_id"),
        ({"version": "03", "room_id": "r", "stream_ids": ("s",)}, "stream_ids"),
        ({"stream_ids": ("s",)}, "stream_ids"),
        ({"privilege": RoomPrivilege()}, "privilege"),
        ({"product": "zim", "room_id": "r"}, "room_id"),
        ({"product": "zim", "payload": ""}, "payload"),
        ({"product": "zim", "version": "03"}, "version"),
    ],
)
def test_what_cannot_be_in_one_token_is_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        TokenRequest(user_id="alice", **fields)

    assert refused.value.field == field
