"""The binary envelope of a token, between its two-character version and its encrypted JSON.

``version`` + base64( i64 expire | u16 n | iv[n] | u16 m | sealed[m] | u8 1 where GCM ), big-endian.
Source: https://github.com/zegoim/zego_server_assistant
"""

from base64 import b64decode, b64encode
from binascii import b2a_base64
from dataclasses import dataclass
from struct import Struct

from zego_token.ciphers import Cipher

VERSION_03 = "03"
VERSION_04 = "04"
MAX_SEALED_BYTES = 32_767  # the official Python packs a signed 16-bit length
MAX_EXPIRES_AT = 2**63 - 1  # the header packs a signed 64-bit time

_EXPIRE = Struct(">q")
_LENGTH = Struct(">H")
_HEADER = Struct(">qH")
GCM_MARK = b"\x01"


@dataclass(frozen=True, slots=True, repr=False)
class Envelope:
    """What is readable of a token without its secret. ``expires_at`` is not authenticated."""

    version: str
    cipher: Cipher
    expires_at: int
    iv: bytes
    sealed: bytes


def header(cipher: Cipher, expires_at: int) -> bytes:
    """What comes before the IV: the same for all tokens of one cipher that expire at once."""
    return _HEADER.pack(expires_at, cipher.iv_bytes)


def pack(version: str, cipher: Cipher, head: bytes, iv: bytes, sealed: bytes) -> str:
    """The token of these parts, of which ``head`` is of :func:`header`."""
    mark = GCM_MARK if cipher is Cipher.GCM else b""
    body = b"".join((head, iv, len(sealed).to_bytes(2), sealed, mark))
    return version + b2a_base64(body, newline=False).decode("ascii")


def unpack(token: str) -> Envelope | None:
    """The envelope of a token, or None where the token has not this form, to the last bit."""
    version, text = token[:2], token[2:]
    body = _canonical_base64(text)
    if version not in (VERSION_03, VERSION_04) or body is None:
        return None
    iv, rest = _take(body[_EXPIRE.size :])
    sealed, mark = _take(rest)
    # ZEGO reads any other trailing byte as CBC. No generator writes one; it would give a token two texts.
    cipher = Cipher.GCM if mark == GCM_MARK and version == VERSION_04 else Cipher.CBC
    if len(iv) != cipher.iv_bytes or not sealed or (cipher is Cipher.CBC and mark):
        return None
    return Envelope(version, cipher, _EXPIRE.unpack_from(body)[0], iv, sealed)


def _take(data: bytes) -> tuple[bytes, bytes]:
    """Split off a field that is led by its length; both parts are empty where it is cut short."""
    if len(data) < _LENGTH.size:
        return b"", b""
    end = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    if end > len(data):
        return b"", b""
    return data[_LENGTH.size : end], data[end:]


def _canonical_base64(text: str) -> bytes | None:
    try:
        body = b64decode(text, validate=True)
    except ValueError:
        return None
    # Several texts decode to the same bytes (unused bits before the padding); one is the token.
    return body if b64encode(body) == text.encode() else None
