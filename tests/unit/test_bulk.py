"""Many tokens at a time: their content, their order, their IVs, and what they cost in memory."""

import json
import os
import time
import tracemalloc
from base64 import b64decode
from collections import deque
from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher as Aes
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import SECRET
from tests.independent import Opened, open_token
from tests.token_arguments import NOW, TOKEN04
from zego_token import Cipher, ErrorCode, TokenError, decode_token, generate_tokens04
from zego_token.bulk import BATCH_TOKENS
from zego_token.plaintexts import nonce_of
from zego_token.wire import MAX_EXPIRES_AT

ARGUMENTS: dict[str, Any] = {name: value for name, value in TOKEN04.items() if name != "user_id"}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50)
ANY_CIPHER = pytest.mark.parametrize("cipher", Cipher)


def opened(user_ids: Any, **arguments: Any) -> list[Opened]:
    """The tokens of these users, opened without the library."""
    tokens = generate_tokens04(user_ids=user_ids, **ARGUMENTS | arguments)
    return [open_token(token, SECRET) for token in tokens]


@ANY_CIPHER
@given(user_ids=st.lists(TEXT, max_size=20), payload=TEXT, app_id=st.integers(1, 2**32 - 1))
def test_any_tokens_open_independently(
    cipher: Cipher, user_ids: list[str], payload: str, app_id: int
) -> None:
    tokens = opened(user_ids, app_id=app_id, payload=payload, cipher=cipher, now=NOW)

    assert [token.content["user_id"] for token in tokens] == user_ids
    for token, user_id in zip(tokens, user_ids, strict=True):
        nonce = token.content["nonce"]
        assert 0 <= nonce < 2**31
        expected = {"app_id": app_id, "user_id": user_id, "nonce": nonce, "ctime": NOW, "expire": NOW + 3600}
        assert list(token.content.items()) == [*expected.items(), ("payload", payload)]
        assert (token.version, token.mode, token.header_expire) == ("04", cipher.value, NOW + 3600)


@ANY_CIPHER
@pytest.mark.usefixtures("aes_packages")
@pytest.mark.parametrize("size", [0, 1, BATCH_TOKENS - 1, BATCH_TOKENS, BATCH_TOKENS + 1, 3 * BATCH_TOKENS])
def test_every_user_gets_a_token_in_order(cipher: Cipher, size: int) -> None:
    user_ids = [f"user-{number}" for number in range(size)]

    tokens = list(generate_tokens04(user_ids=iter(user_ids), **ARGUMENTS, cipher=cipher))

    assert [decode_token(token, SECRET).user_id for token in tokens] == user_ids


def test_all_tokens_have_the_time_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW + 0.9)
    tokens = generate_tokens04(user_ids=(str(number) for number in range(2 * BATCH_TOKENS)), **ARGUMENTS)

    monkeypatch.setattr(time, "time", lambda: NOW + 100.0)

    assert {open_token(token, SECRET).content["ctime"] for token in tokens} == {NOW}


@pytest.mark.parametrize(
    ("field", "bad", "code"),
    [
        *(("app_id", bad, 1) for bad in (0, 2**32, True, "1")),
        *(("user_ids", bad, 3) for bad in ("alice", b"alice", bytearray(b"a"), None, 1)),
        *(("secret", bad, 5) for bad in ("", SECRET[:31], SECRET * 2, None)),
        *(("effective_time_in_seconds", bad, 6) for bad in (0, True, "3600", 2**63)),
        *(("now", bad, 6) for bad in (-1, True, 1.5)),
        *(("payload", bad, 4) for bad in (None, {"room_id": "demo"}, "\ud800")),
        *(("cipher", bad, 5) for bad in ("gcm", None)),
    ],
)
def test_bad_arguments_are_refused_at_once(field: str, bad: Any, code: int) -> None:
    with pytest.raises(TokenError) as refused:
        generate_tokens04(**{"user_ids": []} | ARGUMENTS | {field: bad})

    assert (refused.value.code, refused.value.field) == (code, field)
    assert field in refused.value.message


@ANY_CIPHER
@pytest.mark.parametrize("bad", ["", None, 1, b"bob", "\ud800", "x" * 32_767])
@pytest.mark.parametrize("place", [0, 1, BATCH_TOKENS - 1, BATCH_TOKENS])
def test_a_bad_user_id_is_refused_at_its_place(cipher: Cipher, bad: Any, place: int) -> None:
    # given
    good = [f"user-{number}" for number in range(BATCH_TOKENS + 5)]
    tokens = generate_tokens04(user_ids=[*good[:place], bad, *good[place:]], **ARGUMENTS, cipher=cipher)
    before = [next(tokens) for _ in range(place)]

    # when
    with pytest.raises(TokenError) as refused:
        next(tokens)

    # then: it is named, and the users after it get theirs
    assert (refused.value.code, refused.value.field) == (ErrorCode.USER_ID_INVALID, "user_id")
    assert [decode_token(token, SECRET).user_id for token in (*before, *tokens)] == good


@ANY_CIPHER
def test_a_payload_that_leaves_no_room_is_named_for_each_user(cipher: Cipher) -> None:
    tokens = generate_tokens04(
        user_ids=["alice", "bob"], **ARGUMENTS | {"payload": "x" * 32_767}, cipher=cipher
    )

    for _ in range(2):
        with pytest.raises(TokenError, match="payload is too long") as refused:
            next(tokens)
        assert (refused.value.code, refused.value.field) == (ErrorCode.PRIVILEGE_INVALID, "payload")
    assert list(tokens) == []


@ANY_CIPHER
@pytest.mark.parametrize("character", ["x", '"', "\x00", "é", "\U0001f600"])
def test_the_longest_tokens_are_made_and_none_is_longer(cipher: Cipher, character: str) -> None:
    """Whatever a character takes in JSON; a nonce may have ten digits."""
    # given: the longest plaintext of ten digits, CBC padding to whole blocks
    most = 32_767 - 16 if cipher is Cipher.GCM else 32_752 - 1
    shared = {**ARGUMENTS, "cipher": cipher, "now": NOW}
    (token,) = (open_token(token, SECRET) for token in generate_tokens04(user_ids=["x"], **shared))
    others = len(token.plaintext) - len("x") - len(str(token.content["nonce"])) + 10
    size = len(json.dumps(character, ensure_ascii=False).encode()) - 2
    longest = (most - others) // size

    # when
    user_ids = [character * longest, character * (longest + 1), character * longest]
    tokens = generate_tokens04(user_ids=user_ids, **shared)

    # then
    assert decode_token(next(tokens), SECRET).user_id == user_ids[0]
    with pytest.raises(TokenError, match="user_id is too long"):
        next(tokens)
    assert [decode_token(token, SECRET).user_id for token in tokens] == [user_ids[2]]


@pytest.mark.parametrize("size", [0, 3, BATCH_TOKENS, BATCH_TOKENS + 3])
def test_an_error_of_the_users_own_iterator_comes_after_the_tokens_before_it(size: int) -> None:
    def users() -> Iterator[str]:
        yield from map(str, range(size))
        raise LookupError("the list ends here")

    tokens = generate_tokens04(user_ids=users(), **ARGUMENTS)

    assert [decode_token(next(tokens), SECRET).user_id for _ in range(size)] == [*map(str, range(size))]
    with pytest.raises(LookupError, match="the list ends here"):
        next(tokens)
    assert list(tokens) == []


def test_users_may_be_without_end_and_are_taken_batch_by_batch() -> None:
    numbers = count()
    tokens = generate_tokens04(user_ids=map(str, numbers), **ARGUMENTS)

    assert len(list(islice(tokens, BATCH_TOKENS + 1))) == BATCH_TOKENS + 1

    assert next(numbers) == 2 * BATCH_TOKENS


@ANY_CIPHER
def test_ivs_and_nonces_do_not_repeat(cipher: Cipher) -> None:
    tokens = opened(["alice"] * 3000, cipher=cipher)

    ivs = {token.iv for token in tokens}
    assert len(ivs) == 3000
    assert all(len({iv[position] for iv in ivs}) > 200 for position in range(cipher.iv_bytes))
    assert len({token.content["nonce"] for token in tokens}) > 2990


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """All that the operating system's random source gives out."""
    drawn: list[bytes] = []
    draw = os.urandom

    def note(size: int) -> bytes:
        drawn.append(draw(size))
        return drawn[-1]

    monkeypatch.setattr(os, "urandom", note)
    return drawn


@pytest.mark.usefixtures("aes_packages")
def test_the_iv_of_a_cbc_token_is_the_ciphertext_of_a_fresh_random_block(drawn: list[bytes]) -> None:
    # when
    user_ids = [f"user-{number}" for number in range(BATCH_TOKENS + 20)]
    tokens = list(generate_tokens04(user_ids=user_ids, **ARGUMENTS, cipher=Cipher.CBC))

    # then: a batch draws once, a block and a nonce for each token
    assert [len(batch) for batch in drawn] == [BATCH_TOKENS * 20, 20 * 20]
    # and: an IV is what the cipher makes of the block, after the last block of the token before it
    block_cipher = Aes(algorithms.AES(SECRET.encode()), modes.ECB()).encryptor()  # noqa: S305
    last = bytes(16)
    random = b"".join(drawn)
    blocks = [random[start : start + 16] for start in range(0, len(random), 20)]
    for number, (token, block) in enumerate(zip(tokens, blocks, strict=True)):
        last = bytes(16) if number % BATCH_TOKENS == 0 else last
        iv = block_cipher.update(bytes(a ^ b for a, b in zip(block, last, strict=True)))
        body = b64decode(token[2:])
        opened_token = open_token(token, SECRET)
        assert body[10:26] == iv == opened_token.iv
        last = body[-16:]
        # and: its nonce is made of random bytes of its own
        assert opened_token.content["nonce"] == nonce_of(random[20 * number + 16 : 20 * number + 20])


@pytest.mark.usefixtures("aes_packages")
def test_the_iv_of_a_gcm_token_is_random_itself(drawn: list[bytes]) -> None:
    tokens = opened(["alice"] * (BATCH_TOKENS + 20))

    assert [len(batch) for batch in drawn] == [BATCH_TOKENS * 16, 20 * 16]
    assert b"".join(token.iv for token in tokens) == drawn[0][: BATCH_TOKENS * 12] + drawn[1][: 20 * 12]
    # and: a nonce is made of random bytes of its own
    for_nonces = drawn[0][BATCH_TOKENS * 12 :] + drawn[1][20 * 12 :]
    nonces = [nonce_of(for_nonces[start : start + 4]) for start in range(0, len(for_nonces), 4)]
    assert [token.content["nonce"] for token in tokens] == nonces


@ANY_CIPHER
def test_memory_stays_flat(cipher: Cipher) -> None:
    def peak(size: int) -> int:
        tokens = generate_tokens04(
            user_ids=(str(number) for number in range(size)), **ARGUMENTS, cipher=cipher
        )
        tracemalloc.start()
        deque(tokens, maxlen=0)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(BATCH_TOKENS)  # what is imported does not count
    few, many = peak(2 * BATCH_TOKENS), peak(40 * BATCH_TOKENS)

    assert many < 1.2 * few
    assert many < 1_000_000  # bytes


def test_the_iterator_shows_no_secret() -> None:
    tokens = generate_tokens04(user_ids=["alice"], **ARGUMENTS)

    assert SECRET not in repr(tokens) + repr(vars(tokens))


def test_the_last_moment_of_a_token_is_the_last_that_fits() -> None:
    longest = MAX_EXPIRES_AT - NOW
    arguments = {**ARGUMENTS, "now": NOW}

    (token,) = generate_tokens04(user_ids=["alice"], **arguments | {"effective_time_in_seconds": longest})
    assert decode_token(token, SECRET).expires_at == MAX_EXPIRES_AT
    with pytest.raises(TokenError, match="effective_time_in_seconds"):
        generate_tokens04(user_ids=["alice"], **arguments | {"effective_time_in_seconds": longest + 1})
