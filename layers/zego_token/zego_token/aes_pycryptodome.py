"""AES-256 by the package ``pycryptodome``: a :class:`zego_token.ciphers.Library`."""

from collections.abc import Callable

from Crypto.Cipher import AES

_TAG_BYTES = 16


def gcm_sealer(key: bytes) -> Callable[[bytes, bytes, None], bytes]:
    """What makes ciphertext and tag of a nonce and a plaintext. Threads may share it."""

    def seal(nonce: bytes, plaintext: bytes, _associated_data: None) -> bytes:
        ciphertext, tag = AES.new(key, AES.MODE_GCM, nonce=nonce).encrypt_and_digest(plaintext)
        return ciphertext + tag

    return seal


def gcm_open(key: bytes, nonce: bytes, sealed: bytes) -> bytes | None:
    """The plaintext of ciphertext and tag; None where the tag is wrong."""
    ciphertext, tag = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
    try:
        return AES.new(key, AES.MODE_GCM, nonce=nonce).decrypt_and_verify(ciphertext, tag)
    except ValueError:
        return None


def cbc_chain(key: bytes, iv: bytes) -> Callable[[bytes], bytes]:
    """What encrypts whole blocks; each call goes on where the last one ended."""
    return AES.new(key, AES.MODE_CBC, iv).encrypt


def cbc_open(key: bytes, iv: bytes, sealed: bytes) -> bytes:
    """The padded plaintext of whole blocks."""
    return AES.new(key, AES.MODE_CBC, iv).decrypt(sealed)
