"""A second, independent reading of tokens: struct, cryptography and json, nothing of the project."""

import json
import struct
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7


@dataclass(frozen=True)
class Opened:
    version: str
    mode: str
    header_expire: int
    iv: bytes
    plaintext: str

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.plaintext)
        return content


def open_token(token: str, secret: str) -> Opened:
    raw = b64decode(token[2:], validate=True)
    expire, iv_size = struct.unpack(">qH", raw[:10])
    iv, rest = raw[10 : 10 + iv_size], raw[10 + iv_size :]
    (size,) = struct.unpack(">H", rest[:2])
    sealed, mark = rest[2 : 2 + size], rest[2 + size :]
    assert len(sealed) == size
    key = secret.encode()
    if mark == b"\x01":
        return Opened(token[:2], "gcm", expire, iv, AESGCM(key).decrypt(iv, sealed, None).decode())
    assert mark == b""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    unpadder = PKCS7(128).unpadder()
    padded = decryptor.update(sealed) + decryptor.finalize()
    return Opened(token[:2], "cbc", expire, iv, (unpadder.update(padded) + unpadder.finalize()).decode())
