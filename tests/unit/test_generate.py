"""Tokens that are generated: their bytes and their content."""

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import APP_ID, SECRET
from tests.independent import open_token
from tests.token_arguments import NOW, TOKEN03, TOKEN04, seam
from zego_token import Cipher, decode_token, generate_token03, generate_token04
from zego_token.generate import _token03, _token04

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
# Made with struct and cryptography alone, from the layout that ZEGO's generators share: time NOW,
# nonce 7, IV 00 01 02 ….
KNOWN_TOKEN04_GCM = (
    "04AAAAAGsBldAADAABAgMEBQYHCAkKCwB1lo4HRoGUdkuLbKI2K1efMONOIJKPVOKQRseifp3N7SQa15pqb08V02KwsfUy39h6fhO/oMZZ"
    "+XS2VM43ISQSWZu3fhTRfxjHahQKasCPCdCR4V4iKFYpDyJ3uwRh72DWYk7xSvXUTWNIFYWT0P6NmER7wlkMAQ=="
)
KNOWN_TOKEN04_CBC = (
    "04AAAAAGsBldAAEAABAgMEBQYHCAkKCwwNDg8AcC7Nr9y06A+l1USVXDeyX2vLfAG5QQudSdxma85kfRrWROx9o1yCMDWPg9yToV/kRT2L"
    "mORrgAJ7vzc2tFBrCkG7yH+dO8P0E2QSDy+qmSTK55NQxtcXlkHAHrfcsHt50j7vmiY4hvmaM9LJl9adMrM="
)
KNOWN_TOKEN03 = (
    "03AAAAAGsBldAAEAABAgMEBQYHCAkKCwwNDg8AkC7Nr9y06A+l1USVXDeyX2t0rTcx+aE9JnIuaYxBPS02NukIh7f/LOg5CpLS4QAp6mbc"
    "n6kiL4H3rEPJX+/lsHAUaqbJC6aP2+ixvb9IMOcgevfJa4QwggG4piEULcCCzNkqTxn/ah4mVOybG8JOHAqIH+xIkv8f3eIPJhGjUbJrWld"
    "F3xqSFPQCW9CXE2ZnLg=="
)


@pytest.mark.usefixtures("aes_packages")
@pytest.mark.parametrize(
    ("cipher", "known"), [(Cipher.GCM, KNOWN_TOKEN04_GCM), (Cipher.CBC, KNOWN_TOKEN04_CBC)]
)
def test_token04_is_known_to_the_byte(cipher: Cipher, known: str) -> None:
    assert _token04(**TOKEN04, cipher=cipher, **seam(cipher)) == known


@pytest.mark.usefixtures("aes_packages")
def test_token03_is_known_to_the_byte() -> None:
    assert _token03(**TOKEN03, **seam(Cipher.CBC)) == KNOWN_TOKEN03


@pytest.mark.parametrize("generate", [generate_token03, generate_token04])
@pytest.mark.parametrize("now", [0, 1, NOW, 2**63 - 1 - 3600])
def test_a_token_begins_at_the_time_that_is_given(generate: Callable[..., str], now: int) -> None:
    arguments = TOKEN04 if generate is generate_token04 else TOKEN03

    decoded = decode_token(generate(**arguments, now=now), SECRET)

    assert (decoded.created_at, decoded.expires_at) == (now, now + 3600)


@pytest.mark.parametrize("generate", [generate_token03, generate_token04])
def test_a_token_begins_now_where_no_time_is_given(generate: Callable[..., str]) -> None:
    arguments = TOKEN04 if generate is generate_token04 else TOKEN03
    before = int(time.time())

    decoded = decode_token(generate(**arguments), SECRET)

    assert before <= decoded.created_at <= int(time.time())


@given(app_id=st.integers(1, 2**32 - 1), user_id=TEXT, payload=TEXT, seconds=st.integers(1, 10**12))
@pytest.mark.parametrize("cipher", Cipher)
def test_any_token04_opens_independently(
    cipher: Cipher, app_id: int, user_id: str, payload: str, seconds: int
) -> None:
    token = generate_token04(app_id, user_id, SECRET, seconds, payload, cipher=cipher)

    opened = open_token(token, SECRET)
    content = opened.content
    assert (opened.version, opened.mode) == ("04", cipher.value)
    assert list(content) == ["app_id", "user_id", "nonce", "ctime", "expire", "payload"]
    assert (content["app_id"], content["user_id"], content["payload"]) == (app_id, user_id, payload)
    assert content["expire"] == content["ctime"] + seconds == opened.header_expire
    assert 0 <= content["nonce"] < 2**31
    assert opened.plaintext == json.dumps(content, separators=(",", ":"), ensure_ascii=False)


@given(room_id=TEXT, user_id=TEXT, login=st.sampled_from((0, 1)), publish=st.sampled_from((0, 1)))
def test_any_token03_opens_independently(room_id: str, user_id: str, login: int, publish: int) -> None:
    token = generate_token03(APP_ID, room_id, user_id, {2: publish, 1: login}, SECRET, 3600)

    opened = open_token(token, SECRET)
    content = opened.content
    assert (opened.version, opened.mode) == ("03", "cbc")
    assert list(content) == [
        "app_id", "room_id", "user_id", "privilege", "create_time", "expire_time", "nonce",
    ]  # fmt: skip
    assert (content["room_id"], content["user_id"]) == (room_id, user_id)
    assert list(content["privilege"].items()) == [("1", login), ("2", publish)]
    assert content["expire_time"] == content["create_time"] + 3600 == opened.header_expire
    assert 0 <= content["nonce"] < 2**63


@given(user_id=TEXT, payload=TEXT)
def test_what_is_generated_decodes_to_the_same(user_id: str, payload: str) -> None:
    decoded = decode_token(generate_token04(APP_ID, user_id, SECRET, 3600, payload), SECRET)

    assert (decoded.app_id, decoded.user_id, decoded.payload) == (APP_ID, user_id, payload)
    assert decoded.expires_at - decoded.created_at == 3600


@pytest.mark.usefixtures("aes_packages")
@pytest.mark.parametrize("cipher", Cipher)
def test_ivs_do_not_repeat(cipher: Cipher) -> None:
    ivs = {open_token(generate_token04(**TOKEN04, cipher=cipher), SECRET).iv for _ in range(2000)}

    assert len(ivs) == 2000
    # every byte of an IV takes many values: it is not drawn from a few symbols
    assert all(len({iv[position] for iv in ivs}) > 200 for position in range(cipher.iv_bytes))
