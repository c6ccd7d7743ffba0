"""The JSON inside a token, with the keys in the order of ZEGO's official Python generator.

Source: https://github.com/zegoim/zego_server_assistant
"""

from collections.abc import Mapping
from json.encoder import encode_basestring

from zego_token.errors import ErrorCode, TokenError
from zego_token.payloads import compact_json
from zego_token.wire import MAX_SEALED_BYTES

json_text = encode_basestring  # text in JSON, with its quotes
NONCE03_BYTES = 8
NONCE04_BYTES = 4
MAX_NONCE04 = 2**31 - 1
_TOO_LONG = {
    "payload": ErrorCode.PRIVILEGE_INVALID,
    "room_id": ErrorCode.ROOM_ID_INVALID,
    "user_id": ErrorCode.USER_ID_INVALID,
}


def around_user04(app_id: int, created_at: int, expires_at: int, payload: str) -> tuple[str, str]:
    """What comes before the user id of a token04 and what comes after its nonce: the same for many tokens."""
    before = f'{{"app_id":{app_id},"user_id":'
    return before, f',"ctime":{created_at},"expire":{expires_at},"payload":{json_text(payload)}}}'


def plaintext04(before: str, user_id: str, nonce: int, after: str) -> bytes:
    """The JSON of a token04."""
    return f'{before}{json_text(user_id)},"nonce":{nonce}{after}'.encode()


def plaintext03(
    app_id: int,
    room_id: str,
    user_id: str,
    privilege: Mapping[str, int],
    created_at: int,
    expires_at: int,
    nonce: int,
) -> bytes:
    """The JSON of a token03."""
    content = {
        "app_id": app_id,
        "room_id": room_id,
        "user_id": user_id,
        "privilege": privilege,
        "create_time": created_at,
        "expire_time": expires_at,
        "nonce": nonce,
    }
    return compact_json(content).encode()


def nonce_of(drawn: bytes) -> int:
    """A nonce of random bytes. It has one bit less than they have: ZEGO reads a signed integer."""
    return int.from_bytes(drawn) >> 1


def too_long(fields: Mapping[str, str]) -> TokenError:
    """The error of a token that would be too long, at the longest of these fields."""
    field = max(fields, key=lambda name: len(json_text(fields[name])))
    message = f"{field} is too long: a token holds {MAX_SEALED_BYTES} encrypted bytes"
    return TokenError(_TOO_LONG[field], message, field)
