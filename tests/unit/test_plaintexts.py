"""The JSON inside tokens: members, their order and their forms are those of ZEGO's Python generator."""

import pytest

from zego_token import ErrorCode
from zego_token.plaintexts import (
    MAX_NONCE04,
    NONCE03_BYTES,
    NONCE04_BYTES,
    around_user04,
    nonce_of,
    plaintext03,
    plaintext04,
    too_long,
)


def test_the_json_of_a_token04() -> None:
    before, after = around_user04(1234567890, 1795306972, 1795310572, '{"room_id":"ü"}')

    assert plaintext04(before, 'al"ice', 7, after).decode() == (
        '{"app_id":1234567890,"user_id":"al\\"ice","nonce":7,"ctime":1795306972,"expire":1795310572,'
        '"payload":"{\\"room_id\\":\\"ü\\"}"}'
    )


def test_the_json_of_a_token03() -> None:
    assert plaintext03(1, "demo", "alice", {"1": 1, "2": 0}, 10, 20, 7).decode() == (
        '{"app_id":1,"room_id":"demo","user_id":"alice","privilege":{"1":1,"2":0},"create_time":10,'
        '"expire_time":20,"nonce":7}'
    )


@pytest.mark.parametrize(
    ("drawn", "nonce"),
    [
        (b"\x00" * 4, 0),
        (b"\x00\x00\x00\x03", 1),
        (b"\x80\x00\x00\x00", 2**30),
        (b"\x01\x02\x03\x04", 0x01020304 // 2),
        (b"\xff" * 8, 2**63 - 1),
    ],
)
def test_a_nonce_has_one_bit_less_than_its_bytes(drawn: bytes, nonce: int) -> None:
    assert nonce_of(drawn) == nonce


def test_nonces_fit_into_the_integers_that_zego_reads() -> None:
    assert nonce_of(b"\xff" * NONCE04_BYTES) == MAX_NONCE04 == 2_147_483_647
    assert nonce_of(b"\xff" * NONCE03_BYTES) == 9_223_372_036_854_775_807


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"payload": "aaa", "user_id": "aa"}, "payload", ErrorCode.PRIVILEGE_INVALID),
        ({"payload": "aa", "user_id": "aaa"}, "user_id", ErrorCode.USER_ID_INVALID),
        ({"room_id": "aaa", "user_id": "aa"}, "room_id", ErrorCode.ROOM_ID_INVALID),
        ({"payload": '""', "user_id": "aaa"}, "payload", ErrorCode.PRIVILEGE_INVALID),  # as JSON has quotes
    ],
)
def test_a_token_is_too_long_at_its_longest_field(
    fields: dict[str, str], field: str, code: ErrorCode
) -> None:
    error = too_long(fields)

    assert (error.field, error.code) == (field, code)
    assert error.message == f"{field} is too long: a token holds 32767 encrypted bytes"
