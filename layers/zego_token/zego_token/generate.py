"""Token generators.

Each public function draws a nonce and an IV, and the time where none is given. It passes them, as
plain arguments, to the function below it, which is pure.
"""

import os
import time
from collections.abc import Mapping

from zego_token.checks import (
    check_app_id,
    check_effective_time,
    check_payload,
    check_text,
    check_time,
    checked_cipher,
    checked_privilege,
    secret_key,
)
from zego_token.ciphers import Cipher, encrypt
from zego_token.errors import ErrorCode, TokenError
from zego_token.payloads import compact_json
from zego_token.wire import MAX_EXPIRES_AT, MAX_SEALED_BYTES, VERSION_03, VERSION_04, pack


def generate_token04(
    app_id: int,
    user_id: str,
    secret: str,
    effective_time_in_seconds: int,
    payload: str = "",
    *,
    cipher: Cipher = Cipher.GCM,
    now: int | None = None,
) -> str:
    """A token04, which logs ``user_id`` in to ZEGO's services.

    ``app_id`` is 1 to 4,294,967,295, ``secret`` the app's ServerSecret of 32 bytes. An empty
    ``payload`` gives a basic token, valid for every room; :func:`room_payload` makes one for a
    single room. The encrypted part is at most 32,767 bytes.

    ``now`` is when the token begins, in whole Unix seconds; the default is the current time. The
    token expires at ``now + effective_time_in_seconds``, exactly.

    Raises :class:`TokenError` with the official error code and the field at fault.
    """
    return _token04(
        app_id,
        user_id,
        secret,
        effective_time_in_seconds,
        payload,
        cipher=cipher,
        now=_current_time() if now is None else now,
        nonce=_random_bits(31),
        iv=os.urandom(checked_cipher(cipher).iv_bytes),
    )


def generate_token03(
    app_id: int,
    room_id: str,
    user_id: str,
    privilege: Mapping[int, int],
    secret: str,
    effective_time_in_seconds: int,
    *,
    now: int | None = None,
) -> str:
    """A token03, the older kind, for one room; always AES-CBC.

    ``privilege`` maps both ``Privilege.LOGIN`` (1) and ``Privilege.PUBLISH`` (2) to 1 (allow) or
    0 (deny). The other arguments are those of :func:`generate_token04`.

    Raises :class:`TokenError` with the official error code and the field at fault.
    """
    return _token03(
        app_id,
        room_id,
        user_id,
        privilege,
        secret,
        effective_time_in_seconds,
        now=_current_time() if now is None else now,
        nonce=_random_bits(63),
        iv=os.urandom(Cipher.CBC.iv_bytes),
    )


def _token04(
    app_id: int,
    user_id: str,
    secret: str,
    effective_time_in_seconds: int,
    payload: str,
    *,
    cipher: Cipher,
    now: int,
    nonce: int,
    iv: bytes,
) -> str:
    check_app_id(app_id)
    check_text(user_id, ErrorCode.USER_ID_INVALID, "user_id")
    key = secret_key(secret)
    check_time(now)
    check_effective_time(effective_time_in_seconds, MAX_EXPIRES_AT - now)
    check_payload(payload)
    expires_at = now + effective_time_in_seconds
    content = {
        "app_id": app_id,
        "user_id": user_id,
        "nonce": nonce,
        "ctime": now,
        "expire": expires_at,
        "payload": payload,
    }
    return _seal(VERSION_04, cipher, key, iv, expires_at, content)


def _token03(
    app_id: int,
    room_id: str,
    user_id: str,
    privilege: Mapping[int, int],
    secret: str,
    effective_time_in_seconds: int,
    *,
    now: int,
    nonce: int,
    iv: bytes,
) -> str:
    check_app_id(app_id)
    check_text(room_id, ErrorCode.ROOM_ID_INVALID, "room_id")
    check_text(user_id, ErrorCode.USER_ID_INVALID, "user_id")
    allowed = checked_privilege(privilege)
    key = secret_key(secret)
    check_time(now)
    check_effective_time(effective_time_in_seconds, MAX_EXPIRES_AT - now)
    expires_at = now + effective_time_in_seconds
    content = {
        "app_id": app_id,
        "room_id": room_id,
        "user_id": user_id,
        "privilege": allowed,
        "create_time": now,
        "expire_time": expires_at,
        "nonce": nonce,
    }
    return _seal(VERSION_03, Cipher.CBC, key, iv, expires_at, content)


_TOO_LONG = {
    "payload": ErrorCode.PRIVILEGE_INVALID,
    "room_id": ErrorCode.ROOM_ID_INVALID,
    "user_id": ErrorCode.USER_ID_INVALID,
}


def _seal(
    version: str, cipher: Cipher, key: bytes, iv: bytes, expires_at: int, content: Mapping[str, object]
) -> str:
    plaintext = compact_json(content).encode()
    if cipher.sealed_bytes(len(plaintext)) > MAX_SEALED_BYTES:
        field = max(_TOO_LONG.keys() & content.keys(), key=lambda name: len(compact_json(content[name])))
        raise TokenError(
            _TOO_LONG[field], f"{field} is too long: a token holds {MAX_SEALED_BYTES} encrypted bytes", field
        )
    return pack(version, cipher, expires_at, iv, encrypt(cipher, key, iv, plaintext))


def _current_time() -> int:
    return int(time.time())


def _random_bits(count: int) -> int:
    """``count`` random bits, one fewer than a whole number of bytes: ZEGO reads a signed integer."""
    return int.from_bytes(os.urandom((count + 1) // 8)) >> 1
