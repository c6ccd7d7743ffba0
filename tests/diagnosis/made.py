"""Tokens that are made by hand, right and wrong."""

import json
from base64 import b64encode
from typing import Any

from tests.factories import APP_ID, SECRET
from zego_token import Cipher
from zego_token.ciphers import encrypt

NOW = 1_795_262_400
VALIDITY = 3600
ROOM = json.dumps({"room_id": "demo", "privilege": {"1": 1, "2": 1}, "stream_id_list": None})
CONTENT_04 = {
    "app_id": APP_ID,
    "user_id": "alice",
    "nonce": 7,
    "ctime": NOW,
    "expire": NOW + VALIDITY,
    "payload": ROOM,
}
CONTENT_03 = {
    "app_id": APP_ID,
    "room_id": "demo",
    "user_id": "alice",
    "privilege": {"1": 1, "2": 1},
    "create_time": NOW,
    "expire_time": NOW + VALIDITY,
    "nonce": 7,
}


def sealed(
    plaintext: bytes | str,
    *,
    key: bytes = SECRET.encode(),
    cipher: Cipher = Cipher.GCM,
    version: str = "04",
    header: int | None = None,
) -> str:
    """A token with any content, under any key, with any time in front."""
    data = plaintext.encode() if isinstance(plaintext, str) else plaintext
    iv = bytes(cipher.iv_bytes)
    expires_at = NOW + VALIDITY if header is None else header
    parts = (iv, encrypt(cipher, key, iv, data))
    lengths_and_parts = b"".join(len(part).to_bytes(2) + part for part in parts)
    mark = b"\x01" if cipher is Cipher.GCM else b""
    body = expires_at.to_bytes(8, signed=True) + lengths_and_parts + mark
    return version + b64encode(body).decode()


def token04(*, key: bytes = SECRET.encode(), cipher: Cipher = Cipher.GCM, **members: Any) -> str:
    """A token04 with other members; a member that is ``...`` is left out."""
    content = {name: value for name, value in (CONTENT_04 | members).items() if value is not ...}
    expire = content.get("expire")
    header = expire if type(expire) is int else None
    return sealed(json.dumps(content), key=key, cipher=cipher, header=header)


def token03(**members: Any) -> str:
    """A token03 with other members."""
    content = {name: value for name, value in (CONTENT_03 | members).items() if value is not ...}
    expire = content.get("expire_time")
    header = expire if type(expire) is int else None
    return sealed(json.dumps(content), cipher=Cipher.CBC, version="03", header=header)


def room(**members: Any) -> str:
    """A token04 whose payload has other members."""
    content = {name: value for name, value in (json.loads(ROOM) | members).items() if value is not ...}
    return token04(payload=json.dumps(content))
