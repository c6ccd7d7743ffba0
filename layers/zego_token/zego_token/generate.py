"""Token generators.

Each public function draws a nonce and an IV, both at once, and the time where none is given. It passes
them, as plain arguments, to the function below it, which is pure.
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
from zego_token.errors import ErrorCode
from zego_token.plaintexts import (
    NONCE03_BYTES,
    NONCE04_BYTES,
    around_user04,
    nonce_of,
    plaintext03,
    plaintext04,
    too_long,
)
from zego_token.wire import MAX_EXPIRES_AT, MAX_SEALED_BYTES, VERSION_03, VERSION_04, header, pack


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
    drawn = os.urandom(checked_cipher(cipher).iv_bytes + NONCE04_BYTES)
    return _token04(
        app_id,
        user_id,
        secret,
        effective_time_in_seconds,
        payload,
        cipher=cipher,
        now=int(time.time()) if now is None else now,
        nonce=nonce_of(drawn[-NONCE04_BYTES:]),
        iv=drawn[:-NONCE04_BYTES],
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
    drawn = os.urandom(Cipher.CBC.iv_bytes + NONCE03_BYTES)
    return _token03(
        app_id,
        room_id,
        user_id,
        privilege,
        secret,
        effective_time_in_seconds,
        now=int(time.time()) if now is None else now,
        nonce=nonce_of(drawn[-NONCE03_BYTES:]),
        iv=drawn[:-NONCE03_BYTES],
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
    before, after = around_user04(app_id, now, expires_at, payload)
    plaintext = plaintext04(before, user_id, nonce, after)
    if cipher.sealed_bytes(len(plaintext)) > MAX_SEALED_BYTES:
        raise too_long({"payload": payload, "user_id": user_id})
    sealed = encrypt(cipher, key, iv, plaintext)
    return pack(VERSION_04, cipher, header(cipher, expires_at), iv, sealed)


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
    plaintext = plaintext03(app_id, room_id, user_id, allowed, now, expires_at, nonce)
    if Cipher.CBC.sealed_bytes(len(plaintext)) > MAX_SEALED_BYTES:
        raise too_long({"room_id": room_id, "user_id": user_id})
    sealed = encrypt(Cipher.CBC, key, iv, plaintext)
    return pack(VERSION_03, Cipher.CBC, header(Cipher.CBC, expires_at), iv, sealed)
