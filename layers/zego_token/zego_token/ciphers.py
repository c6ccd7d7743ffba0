"""AES-256 in the two modes of ZEGO tokens.

CBC is made by pycryptodome, as by ZEGO's own Python generator, GCM by cryptography, which takes a fraction of
the time there. Where only one of them is installed, it does both.
"""

import os
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from hashlib import blake2s
from typing import Protocol

_BLOCK_BYTES = 16
_TAG_BYTES = 16
# The PKCS#7 padding of a plaintext, by how many bytes its last block has.
PADDINGS = [bytes([size]) * size for size in range(_BLOCK_BYTES, 0, -1)]
MAX_KEPT_KEYS = 8

Seal = Callable[[bytes, bytes, None], bytes]
_kept: dict[bytes, Seal] = {}


class Cipher(StrEnum):
    """How a token is encrypted. GCM is authenticated; CBC is for token03 and older servers."""

    GCM = "gcm"
    CBC = "cbc"

    @property
    def iv_bytes(self) -> int:
        """Length of the nonce (GCM, 12) or of the initialisation vector (CBC, 16)."""
        return 12 if self is Cipher.GCM else _BLOCK_BYTES

    def sealed_bytes(self, plaintext_bytes: int) -> int:
        """Length of what :func:`encrypt` makes of a plaintext of this length."""
        if self is Cipher.GCM:
            return plaintext_bytes + _TAG_BYTES
        return (plaintext_bytes // _BLOCK_BYTES + 1) * _BLOCK_BYTES

    def longest_plaintext(self, sealed_bytes: int) -> int:
        """Length of the longest plaintext of which :func:`encrypt` makes no more than this length."""
        if self is Cipher.GCM:
            return sealed_bytes - _TAG_BYTES
        return sealed_bytes // _BLOCK_BYTES * _BLOCK_BYTES - 1


class Library(Protocol):
    """What both packages do."""

    def gcm_sealer(self, key: bytes) -> Seal:
        """What makes ciphertext and tag of a nonce and a plaintext. Threads may share it."""

    def gcm_open(self, key: bytes, nonce: bytes, sealed: bytes) -> bytes | None:
        """The plaintext of ciphertext and tag; None where the tag is wrong."""

    def cbc_chain(self, key: bytes, iv: bytes) -> Callable[[bytes], bytes]:
        """What encrypts whole blocks; each call goes on where the last one ended."""

    def cbc_open(self, key: bytes, iv: bytes, sealed: bytes) -> bytes:
        """The padded plaintext of whole blocks."""


def encrypt(cipher: Cipher, key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    """Encrypt; GCM appends its 16-byte tag, CBC pads with PKCS#7."""
    if cipher is Cipher.GCM:
        return _kept_sealer(key)(iv, plaintext, None)
    return cbc_library().cbc_chain(key, iv)(plaintext + PADDINGS[len(plaintext) % _BLOCK_BYTES])


def decrypt(cipher: Cipher, key: bytes, iv: bytes, sealed: bytes) -> bytes | None:
    """Decrypt, or return None where tag, length or padding is wrong."""
    if cipher is Cipher.GCM:
        return gcm_library().gcm_open(key, iv, sealed)
    if not sealed or len(sealed) % _BLOCK_BYTES:
        return None
    padded = cbc_library().cbc_open(key, iv, sealed)
    padding = padded[-1]
    if not 1 <= padding <= _BLOCK_BYTES or padded[-padding:] != bytes([padding]) * padding:
        return None
    return padded[:-padding]


@cache
def gcm_library() -> Library:
    """The package that does GCM; see :func:`_first_installed`."""
    return _first_installed(_cryptography, _pycryptodome)


@cache
def cbc_library() -> Library:
    """The package that does CBC; see :func:`_first_installed`."""
    return _first_installed(_pycryptodome, _cryptography)


def _first_installed(*packages: Callable[[], Library]) -> Library:
    """The first package that is installed. It is imported when it is first needed.

    Raises :class:`ImportError` where none is installed.
    """
    for package in packages:
        try:
            return package()
        except ImportError:
            continue
    raise ImportError("zego_token needs cryptography or pycryptodome: pip install cryptography")


def _cryptography() -> Library:
    from zego_token import aes_cryptography

    return aes_cryptography


def _pycryptodome() -> Library:
    from zego_token import aes_pycryptodome

    return aes_pycryptodome


def _kept_sealer(key: bytes) -> Seal:
    """The sealer of a key, kept for the next token.

    It is kept under a keyed hash, so that what is kept does not show the key, whatever prints it.
    """
    hasher = _hasher().copy()
    hasher.update(key)
    name = hasher.digest()
    seal = _kept.get(name)
    if seal is None:
        if len(_kept) >= MAX_KEPT_KEYS:
            _kept.clear()
        seal = _kept[name] = gcm_library().gcm_sealer(key)
    return seal


@cache
def _hasher() -> "blake2s":
    """A hash under a key of this process, drawn when it is first needed."""
    return blake2s(key=os.urandom(32), digest_size=16)
