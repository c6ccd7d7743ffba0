"""Tokens that are read: official ones, tampered ones, and what is no token at all."""

import json
from base64 import b64decode, b64encode
from dataclasses import FrozenInstanceError
from pathlib import Path
from string import ascii_letters
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import APP_ID, OTHER_SECRET, ROOT, SECRET
from zego_token import (
    Cipher,
    TokenError,
    decode_token,
    generate_token03,
    generate_token04,
    header_expires_at,
    room_payload,
)
from zego_token.wire import unpack

OFFICIAL = [
    json.loads(line)
    for line in Path(ROOT / "tests/vectors/official_tokens.jsonl").read_text(encoding="utf-8").splitlines()
]
UIKIT = json.loads(Path(ROOT / "tests/vectors/uikit_test_tokens.json").read_text(encoding="utf-8"))
GCM_TOKEN = generate_token04(APP_ID, "alice", SECRET, 3600, room_payload("demo"))


def opaque_error(token: Any, secret: str = SECRET) -> tuple[object, ...]:
    with pytest.raises(TokenError) as refused:
        decode_token(token, secret)
    error = refused.value
    assert error.__context__ is None
    return error.code, error.message, error.field


THE_ONE_ERROR = opaque_error("")


def test_all_languages_are_there() -> None:
    assert len(OFFICIAL) == 1064
    assert {vector["lang"] for vector in OFFICIAL} == {
        "go", "python", "nodejs", "php", "java", "cpp", "dotnet", "objc",
    }  # fmt: skip


@pytest.mark.usefixtures("aes_packages")
@pytest.mark.parametrize("language", ["go", "python", "nodejs", "php", "java", "cpp", "dotnet", "objc"])
def test_official_tokens_decode(language: str) -> None:
    for vector in (vector for vector in OFFICIAL if vector["lang"] == language):
        decoded = decode_token(vector["token"], vector["secret"])

        assert decoded.plaintext == vector["plaintext"]
        assert (decoded.version, decoded.cipher) == (vector["version"], vector["mode"])
        assert (decoded.app_id, decoded.user_id) == (vector["app_id"], vector["user_id"])
        assert decoded.nonce == vector["nonce"]
        assert decoded.expires_at == vector["expire"]
        assert decoded.expires_at - decoded.created_at == vector["effective_time_in_seconds"]
        if vector["version"] == "03":
            assert decoded.room_id == vector["room_id"]
            assert decoded.privilege == {int(key): value for key, value in vector["privilege"].items()}
        else:
            assert decoded.payload == vector["payload"]


@pytest.mark.usefixtures("aes_packages")
@pytest.mark.parametrize("kit_token", UIKIT["kit_tokens"])
def test_uikits_test_tokens_open_although_they_have_no_payload(kit_token: str) -> None:
    token, _, _ = kit_token.partition("#")

    decoded = decode_token(token, UIKIT["secret"])

    assert "payload" not in json.loads(decoded.plaintext)
    assert (decoded.payload, decoded.room_id, decoded.privilege) == ("", None, None)
    assert (decoded.app_id, decoded.user_id) == (1234567890, "alice")
    assert decoded.expires_at - decoded.created_at == 7200


def test_a_room_payload_is_read() -> None:
    decoded = decode_token(GCM_TOKEN, SECRET)

    assert (decoded.room_id, decoded.privilege) == ("demo", {1: 1, 2: 0})


@pytest.mark.parametrize(
    "payload",
    ["", "null", "[]", "{", '{"room_id":1,"privilege":{}}', '{"room_id":"r"}', '{"room_id":"r","privilege":[]}',
     '{"room_id":"r","privilege":{"1":"1"}}', '{"room_id":"r","privilege":{"1":1,"01":0}}',
     "9" * 5000, "[" * 20_000],
)  # fmt: skip
def test_another_payload_names_no_room(payload: str) -> None:
    decoded = decode_token(generate_token04(APP_ID, "alice", SECRET, 3600, payload), SECRET)

    assert (decoded.payload, decoded.room_id, decoded.privilege) == (payload, None, None)


@pytest.mark.usefixtures("aes_packages")
def test_every_flipped_bit_of_a_gcm_token_is_noticed() -> None:
    data = b64decode(GCM_TOKEN[2:])
    for position in range(len(data) * 8):
        tampered = bytearray(data)
        tampered[position // 8] ^= 1 << position % 8
        assert opaque_error("04" + b64encode(tampered).decode()) == THE_ONE_ERROR


@given(position=st.integers(0, len(GCM_TOKEN) - 1), character=st.characters())
def test_every_changed_character_of_a_gcm_token_is_noticed(position: int, character: str) -> None:
    tampered = GCM_TOKEN[:position] + character + GCM_TOKEN[position + 1 :]

    if tampered != GCM_TOKEN:
        assert opaque_error(tampered) == THE_ONE_ERROR


def test_every_shortened_or_extended_token_is_noticed() -> None:
    for size in range(len(GCM_TOKEN)):
        assert opaque_error(GCM_TOKEN[:size]) == THE_ONE_ERROR
    for extra in ("=", "A", "AAAA", "\n", " "):
        assert opaque_error(GCM_TOKEN + extra) == THE_ONE_ERROR


@pytest.mark.parametrize(
    "token",
    [
        generate_token04(APP_ID, "alice", SECRET, 3600),
        generate_token04(APP_ID, "alice", SECRET, 3600, cipher=Cipher.CBC),
        generate_token03(APP_ID, "demo", "alice", {1: 1, 2: 1}, SECRET, 3600),
    ],
    ids=["gcm", "cbc", "token03"],
)
def test_one_token_has_one_text(token: str) -> None:
    version, body = token[:2], b64decode(token[2:])
    unpadded, padding = token.rstrip("="), token[len(token.rstrip("=")) :]
    extended = [
        version + b64encode(body + trailing).decode()
        for trailing in (*(bytes([byte]) for byte in range(256)), b"\x00\x00", b"\x01\x01", bytes(16))
    ]
    rewritten = [unpadded + "=" * count for count in range(4) if "=" * count != padding]
    spaced = [f"{token}\n", f" {token}", f"{token[:9]}\n{token[9:]}", f"{token[:9]} {token[9:]}", f"{token}="]
    url_safe = token.replace("+", "-").replace("/", "_")

    assert decode_token(token, SECRET).user_id == "alice"
    for other in (*extended, *rewritten, *spaced, *({url_safe} - {token})):
        assert opaque_error(other) == THE_ONE_ERROR


@pytest.mark.parametrize(
    "token",
    [
        None,
        4,
        GCM_TOKEN.encode(),
        "eyJhbGciOiJIUzI1NiJ9.e30.",
        "03" + GCM_TOKEN[2:],
        "05" + GCM_TOKEN[2:],
        GCM_TOKEN[2:],
        "04",
        "04é",
        "04\ud800",
    ],
)
def test_what_is_no_token_gets_the_same_error(token: object) -> None:
    assert opaque_error(token) == THE_ONE_ERROR


@pytest.mark.parametrize(
    "token",
    [
        generate_token04(APP_ID, "alice", SECRET, 3600),
        generate_token04(APP_ID, "alice", SECRET, 3600, cipher=Cipher.CBC),
        generate_token03(APP_ID, "demo", "alice", {1: 1, 2: 1}, SECRET, 3600),
    ],
)
def test_another_secret_gets_the_same_error(token: str) -> None:
    assert opaque_error(token, OTHER_SECRET) == THE_ONE_ERROR


CONTENT = {"app_id": 1, "user_id": "u", "nonce": 1, "ctime": 1, "expire": 2, "payload": ""}


@pytest.mark.parametrize(
    "plaintext",
    [
        b"", b"{", b"[]", b"null", b"\xff", b"[" * 20_000,
        *(json.dumps({key: value for key, value in CONTENT.items() if key != gone}).encode() for gone in CONTENT if gone != "payload"),
        *(json.dumps(CONTENT | {key: None}).encode() for key in CONTENT),
        json.dumps(CONTENT | {"app_id": True}).encode(),
        json.dumps(CONTENT | {"expire": 2.0}).encode(),
        json.dumps(CONTENT | {"expire": 3}).encode(),
        json.dumps(CONTENT | {"payload": {"room_id": "demo"}}).encode(),
    ],
)  # fmt: skip
def test_other_plaintexts_get_the_same_error(plaintext: bytes) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    iv = bytes(12)
    sealed = AESGCM(SECRET.encode()).encrypt(iv, plaintext, None)
    body = (2).to_bytes(8) + (12).to_bytes(2) + iv + len(sealed).to_bytes(2) + sealed + b"\x01"

    assert opaque_error("04" + b64encode(body).decode()) == THE_ONE_ERROR


def test_a_secret_of_the_wrong_length_is_told_apart() -> None:
    with pytest.raises(TokenError) as refused:
        decode_token(GCM_TOKEN, SECRET[:16])

    assert refused.value.field == "secret"


def test_the_header_is_read_without_the_secret() -> None:
    assert header_expires_at(GCM_TOKEN) == decode_token(GCM_TOKEN, SECRET).expires_at
    for bad in ("04AAAA", None, 1, b"04"):
        with pytest.raises(TokenError):
            header_expires_at(bad)  # type: ignore[arg-type]


def written(version: str, iv_bytes: int, sealed: bytes, mark: bytes) -> str:
    lengths = iv_bytes.to_bytes(2), len(sealed).to_bytes(2)
    body = (5).to_bytes(8) + lengths[0] + bytes(iv_bytes) + lengths[1] + sealed + mark
    return version + b64encode(body).decode()


@pytest.mark.parametrize(
    ("version", "mark", "iv_bytes"),
    [("04", b"\x01", 12), ("04", b"", 16), ("03", b"", 16)],
)
def test_an_envelope_has_the_iv_of_its_cipher_and_some_content(
    version: str, mark: bytes, iv_bytes: int
) -> None:
    assert header_expires_at(written(version, iv_bytes, b"x", mark)) == 5
    for other in {0, 11, 12, 13, 15, 16, 17, 28} - {iv_bytes}:
        with pytest.raises(TokenError):
            header_expires_at(written(version, other, b"x" * 16, mark))
    with pytest.raises(TokenError):
        header_expires_at(written(version, iv_bytes, b"", mark))


def test_no_token03_is_gcm() -> None:
    with pytest.raises(TokenError):
        header_expires_at(written("03", 12, b"x" * 16, b"\x01"))


@pytest.mark.parametrize(
    "sealed", [b"\x00" * 16, b"\x0f" * 16, b"\x00" * 17, b"\x0f" * 17, b"x" * 18], ids=len
)
def test_of_all_texts_that_decode_to_the_same_bytes_one_is_the_token(sealed: bytes) -> None:
    token = written("04", 16, sealed, b"")
    digits = token.rstrip("=")
    padding = token[len(digits) :]
    others = {digits[:-1] + last + padding for last in ascii_letters + "0123456789+/"} - {token}

    same = [other for other in others if b64decode(other[2:]) == b64decode(token[2:])]

    assert len(same) == {"": 0, "=": 3, "==": 15}[padding]
    for text in (*same, token[:-4] + "\n" + token[-4:], token + "\n", token + "===="):
        with pytest.raises(TokenError):
            header_expires_at(text)


def test_the_repr_keeps_plaintext_and_payload_to_itself() -> None:
    decoded = decode_token(GCM_TOKEN, SECRET)

    for hidden in (decoded.plaintext, decoded.payload, str(decoded.nonce)):
        assert hidden not in repr(decoded)


def test_what_was_read_stays_as_it_is_and_an_envelope_shows_nothing() -> None:
    envelope = unpack(GCM_TOKEN)
    decoded = decode_token(GCM_TOKEN, SECRET)

    assert envelope is not None
    with pytest.raises(FrozenInstanceError):
        envelope.expires_at = 0  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        decoded.user_id = "mallory"  # type: ignore[misc]
    assert str(envelope.iv) not in repr(envelope)
