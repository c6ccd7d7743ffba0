"""Reading tokens."""

import json
from dataclasses import dataclass, field
from typing import Any, TypeVar

from zego_token.checks import secret_key
from zego_token.ciphers import Cipher, decrypt
from zego_token.errors import ErrorCode, TokenError
from zego_token.wire import VERSION_03, Envelope, unpack

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class DecodedToken:
    """What a token says. Times are Unix seconds.

    ``payload`` is empty in a token03, and in a token04 without that member. ``room_id`` and
    ``privilege`` come from the payload of a token04 where it is that of a room, else they are None.
    ``privilege`` maps 1 (log in) and 2 (publish) to 0 or 1. The repr leaves out whatever an attacker
    could use.
    """

    version: str
    cipher: Cipher
    app_id: int
    user_id: str
    nonce: int = field(repr=False)
    created_at: int
    expires_at: int
    payload: str = field(repr=False)
    room_id: str | None
    privilege: dict[int, int] | None
    plaintext: str = field(repr=False)


def decode_token(token: str, secret: str) -> DecodedToken:
    """Open a token of any official generator with the app's ServerSecret.

    Expiry is not judged. A CBC token is not authenticated: whoever holds one can change parts of
    it unseen.

    Raises :class:`TokenError`: for a secret that is not 32 bytes long, and one and the same for
    every token that cannot be opened with it, whatever the cause.
    """
    key = secret_key(secret)
    opened = _open(token, key)
    if opened is None:
        raise TokenError(ErrorCode.SECRET_INVALID, "the token cannot be opened with this secret", "token")
    return opened


def header_expires_at(token: str) -> int:
    """When a token says it expires, in Unix seconds, read without the secret and so not to be trusted.

    Raises :class:`TokenError` where the text is not of a token's form.
    """
    envelope = _envelope(token)
    if envelope is None:
        raise TokenError(ErrorCode.SECRET_INVALID, "this is not a token", "token")
    return envelope.expires_at


def _envelope(token: object) -> Envelope | None:
    return unpack(token) if isinstance(token, str) else None


def _open(token: str, key: bytes) -> DecodedToken | None:
    envelope = _envelope(token)
    if envelope is None:
        return None
    plaintext = decrypt(envelope.cipher, key, envelope.iv, envelope.sealed)
    if plaintext is None:
        return None
    try:
        text = plaintext.decode()
        opened = _read(envelope, text, _exact(json.loads(text), dict))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    # The header is not encrypted; a token whose header was changed is not the token that was issued.
    return opened if opened.expires_at == envelope.expires_at else None


def _read(envelope: Envelope, text: str, content: dict[str, Any]) -> DecodedToken:
    """The fields of the JSON; raises KeyError or TypeError where one is absent or of another type."""
    room: tuple[str | None, dict[int, int] | None]
    if envelope.version == VERSION_03:
        created_at, expires_at, payload = content["create_time"], content["expire_time"], ""
        room = _exact(content["room_id"], str), _privilege(content["privilege"])
    else:
        created_at, expires_at = content["ctime"], content["expire"]
        payload = _exact(content.get("payload", ""), str)  # UIKit's test tokens have none
        room = _room(payload)
    return DecodedToken(
        version=envelope.version,
        cipher=envelope.cipher,
        app_id=_exact(content["app_id"], int),
        user_id=_exact(content["user_id"], str),
        nonce=_exact(content["nonce"], int),
        created_at=_exact(created_at, int),
        expires_at=_exact(expires_at, int),
        payload=payload,
        room_id=room[0],
        privilege=room[1],
        plaintext=text,
    )


def _room(payload: str) -> tuple[str | None, dict[int, int] | None]:
    """Room and privileges of a room payload; a payload may also be empty, or the app's own."""
    try:
        content = json.loads(payload)
        return _exact(content["room_id"], str), _privilege(content["privilege"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None, None


def _privilege(value: Any) -> dict[int, int]:
    if any(str(int(key)) != key for key in _exact(value, dict)):  # "01" must not pass for "1"
        raise ValueError
    return {int(key): _exact(allowed, int) for key, allowed in value.items()}


def _exact(value: Any, kind: type[_T]) -> _T:
    if type(value) is not kind:
        raise TypeError
    return value
