"""AES against published vectors, and against an independent implementation."""

import json

import pytest
from Crypto.Cipher import AES
from cryptography.hazmat.primitives.ciphers import Cipher as OtherCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import ROOT
from zego_token.ciphers import Cipher, decrypt, encrypt

VECTORS = json.loads((ROOT / "tests/vectors/aes256.json").read_text())
KEY = bytes(range(32))


@pytest.mark.usefixtures("aes_packages")
@pytest.mark.parametrize("vector", VECTORS["gcm"], ids=lambda vector: vector["comment"])
def test_gcm_vectors(vector: dict[str, str]) -> None:
    key, iv, plaintext = (bytes.fromhex(vector[name]) for name in ("key", "iv", "msg"))
    sealed = bytes.fromhex(vector["ct"] + vector["tag"])

    if vector["result"] == "valid":
        assert encrypt(Cipher.GCM, key, iv, plaintext) == sealed
        assert decrypt(Cipher.GCM, key, iv, sealed) == plaintext
    else:
        assert decrypt(Cipher.GCM, key, iv, sealed) is None


@pytest.mark.usefixtures("aes_packages")
@pytest.mark.parametrize("vector", VECTORS["cbc"], ids=lambda vector: vector["comment"])
def test_cbc_vectors(vector: dict[str, str]) -> None:
    # The published ciphertexts have no padding, so that ours has one more block.
    key, iv, plaintext = (bytes.fromhex(vector[name]) for name in ("key", "iv", "msg"))

    sealed = encrypt(Cipher.CBC, key, iv, plaintext)

    assert sealed[:-16] == bytes.fromhex(vector["ct"])
    assert decrypt(Cipher.CBC, key, iv, sealed) == plaintext


@pytest.mark.usefixtures("aes_packages")
@pytest.mark.parametrize(
    "padded",
    [bytes(16), b"x" * 15 + b"\x11", b"x" * 14 + b"\x01\x02", b"x" * 14 + b"\x03\x02",
     b"x" * 13 + b"\x02\x03\x03", b"\x10" * 15 + b"\x11", b"\x11" * 16 + b"\x11" * 16],
)  # fmt: skip
def test_wrong_padding_does_not_decrypt(padded: bytes) -> None:
    encryptor = OtherCipher(algorithms.AES(KEY), modes.CBC(bytes(16))).encryptor()

    assert decrypt(Cipher.CBC, KEY, bytes(16), encryptor.update(padded)) is None


@pytest.mark.usefixtures("aes_packages")
@pytest.mark.parametrize("sealed", [b"", b"x", b"x" * 15, b"x" * 17])
@pytest.mark.parametrize("cipher", Cipher)
def test_wrong_lengths_do_not_decrypt(cipher: Cipher, sealed: bytes) -> None:
    assert decrypt(cipher, KEY, bytes(cipher.iv_bytes), sealed) is None


@given(plaintext=st.binary(max_size=200), iv=st.binary(min_size=16, max_size=16))
def test_both_modes_agree_with_the_other_library(plaintext: bytes, iv: bytes) -> None:
    """GCM is made with cryptography and CBC with pycryptodome; here it is the other way round."""
    sealed = encrypt(Cipher.GCM, KEY, iv[:12], plaintext)
    other = AES.new(KEY, AES.MODE_GCM, nonce=iv[:12])
    assert other.decrypt_and_verify(sealed[:-16], sealed[-16:]) == plaintext
    assert len(sealed) == Cipher.GCM.sealed_bytes(len(plaintext))

    sealed = encrypt(Cipher.CBC, KEY, iv, plaintext)
    decryptor = OtherCipher(algorithms.AES(KEY), modes.CBC(iv)).decryptor()
    padded = decryptor.update(sealed)
    assert padded == plaintext + bytes([padded[-1]]) * padded[-1]
    assert len(sealed) == Cipher.CBC.sealed_bytes(len(plaintext))
