"""AES-256 in the two modes of ZEGO tokens. Each mode imports its library when first used."""

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_BLOCK_BYTES = 16
_TAG_BYTES = 16


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


def encrypt(cipher: Cipher, key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    """Encrypt; GCM appends its 16-byte tag, CBC pads with PKCS#7."""
    if cipher is Cipher.GCM:
        return _aes_gcm()(key).encrypt(iv, plaintext, None)
    padding = _BLOCK_BYTES - len(plaintext) % _BLOCK_BYTES
    sealed: bytes = _aes_cbc(key, iv).encrypt(plaintext + bytes([padding]) * padding)
    return sealed


def decrypt(cipher: Cipher, key: bytes, iv: bytes, sealed: bytes) -> bytes | None:
    """Decrypt, or return None where tag, length or padding is wrong."""
    if cipher is Cipher.GCM:
        from cryptography.exceptions import InvalidTag

        try:
            return _aes_gcm()(key).decrypt(iv, sealed, None)
        except InvalidTag:
            return None
    if not sealed or len(sealed) % _BLOCK_BYTES:
        return None
    padded: bytes = _aes_cbc(key, iv).decrypt(sealed)
    padding = padded[-1]
    if not 1 <= padding <= _BLOCK_BYTES or padded[-padding:] != bytes([padding]) * padding:
        return None
    return padded[:-padding]


@cache
def _aes_gcm() -> type["AESGCM"]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM


@cache
def _aes() -> Any:
    from Crypto.Cipher import AES

    return AES


def _aes_cbc(key: bytes, iv: bytes) -> Any:
    aes = _aes()
    return aes.new(key, aes.MODE_CBC, iv)
