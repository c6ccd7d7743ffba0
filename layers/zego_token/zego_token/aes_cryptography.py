"""AES-256 by the package ``cryptography``: a :class:`zego_token.ciphers.Library`."""

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def gcm_sealer(key: bytes) -> Callable[[bytes, bytes, None], bytes]:
    """What makes ciphertext and tag of a nonce and a plaintext. Threads may share it."""
    return AESGCM(key).encrypt


def gcm_open(key: bytes, nonce: bytes, sealed: bytes) -> bytes | None:
    """The plaintext of ciphertext and tag; None where the tag is wrong."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, None)
    except InvalidTag:
        return None


def cbc_chain(key: bytes, iv: bytes) -> Callable[[bytes], bytes]:
    """What encrypts whole blocks; each call goes on where the last one ended."""
    return Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor().update


def cbc_open(key: bytes, iv: bytes, sealed: bytes) -> bytes:
    """The padded plaintext of whole blocks."""
    return Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor().update(sealed)
