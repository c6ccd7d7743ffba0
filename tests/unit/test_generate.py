"""Tokens that are generated: their bytes, and what is refused."""

import json
import pickle
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import APP_ID, SECRET
from tests.independent import open_token
from zego_token import Cipher, ErrorCode, TokenError, decode_token, generate_token03, generate_token04
from zego_token.generate import _token03, _token04

NOW = 1_795_262_400
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

Arguments = dict[str, Any]
TOKEN04: Arguments = {
    "app_id": APP_ID,
    "user_id": "alice",
    "secret": SECRET,
    "effective_time_in_seconds": 3600,
    "payload": "",
}
TOKEN03: Arguments = {
    "app_id": APP_ID,
    "room_id": "demo",
    "user_id": "alice",
    "privilege": {1: 1, 2: 0},
    "secret": SECRET,
    "effective_time_in_seconds": 3600,
}


def seam(cipher: Cipher) -> Arguments:
    return {"now": NOW, "nonce": 7, "iv": bytes(range(cipher.iv_bytes))}


@pytest.mark.parametrize(
    ("cipher", "known"), [(Cipher.GCM, KNOWN_TOKEN04_GCM), (Cipher.CBC, KNOWN_TOKEN04_CBC)]
)
def test_token04_is_known_to_the_byte(cipher: Cipher, known: str) -> None:
    assert _token04(**TOKEN04, cipher=cipher, **seam(cipher)) == known


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


@pytest.mark.parametrize("generate", [generate_token03, generate_token04])
@pytest.mark.parametrize(
    ("now", "field"),
    [
        *((bad, "now") for bad in (-1, True, 1.5, "0", float(NOW))),
        *((late, "effective_time_in_seconds") for late in (2**63 - 3600, 2**64)),
    ],
)
def test_a_time_that_no_token_can_hold_is_refused(
    generate: Callable[..., str], now: object, field: str
) -> None:
    arguments = TOKEN04 if generate is generate_token04 else TOKEN03

    with pytest.raises(TokenError) as refused:
        generate(**arguments, now=now)

    assert (refused.value.code, refused.value.field) == (ErrorCode.EFFECTIVE_TIME_IN_SECONDS_INVALID, field)
    assert field in refused.value.message


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


@pytest.mark.parametrize(
    ("field", "bad", "code"),
    [
        *(("app_id", bad, 1) for bad in (0, -1, 2**32, True, 1.0, "1", None)),
        *(("user_id", bad, 3) for bad in ("", 1, None, b"alice", ["alice"], "\ud800", "a\udfffb")),
        *(("secret", bad, 5) for bad in ("", SECRET[:31], SECRET + "0", SECRET * 2, SECRET.encode(), None)),
        ("secret", "é" * 32, 5),
        *(("effective_time_in_seconds", bad, 6) for bad in (0, -1, True, 3600.0, "3600", None, 2**63)),
    ],
)
@pytest.mark.parametrize("generate", [generate_token03, generate_token04])
def test_bad_arguments_name_code_and_field(
    generate: Callable[..., str], field: str, bad: object, code: int
) -> None:
    arguments = (TOKEN04 if generate is generate_token04 else TOKEN03) | {field: bad}

    with pytest.raises(TokenError) as refused:
        generate(**arguments)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert field in refused.value.message


@pytest.mark.parametrize(
    ("field", "good"),
    [
        *(("app_id", app_id) for app_id in (1, 2**32 - 1)),
        *(("user_id", user_id) for user_id in ("a", "\x00", "\ud7ff", "\ue000", "\U0010ffff")),
        *(("secret", secret) for secret in ("é" * 16, "😀" * 8, " " * 32)),
        ("effective_time_in_seconds", 1),
    ],
)
def test_arguments_may_go_to_the_ends_of_their_ranges(field: str, good: Any) -> None:
    arguments = TOKEN04 | {field: good}

    opened = open_token(generate_token04(**arguments), arguments["secret"])

    assert opened.content["app_id"] == arguments["app_id"]
    assert opened.content["user_id"] == arguments["user_id"]
    assert opened.header_expire - opened.content["ctime"] == arguments["effective_time_in_seconds"]


@pytest.mark.parametrize(
    ("generate", "arguments"), [(_token03, TOKEN03), (_token04, TOKEN04 | {"cipher": Cipher.CBC})]
)
def test_a_token_may_expire_in_the_last_second_that_its_header_holds(
    generate: Callable[..., str], arguments: Arguments
) -> None:
    longest = 2**63 - 1 - NOW
    arguments = arguments | seam(Cipher.CBC)

    token = generate(**arguments | {"effective_time_in_seconds": longest})

    assert open_token(token, SECRET).header_expire == 2**63 - 1
    with pytest.raises(TokenError):
        generate(**arguments | {"effective_time_in_seconds": longest + 1})


@pytest.mark.parametrize("bad", ["", 1, None, "\ud800"])
def test_bad_room_ids_are_refused(bad: object) -> None:
    with pytest.raises(TokenError) as refused:
        generate_token03(**TOKEN03 | {"room_id": bad})

    assert (refused.value.code, refused.value.field) == (ErrorCode.ROOM_ID_INVALID, "room_id")


@pytest.mark.parametrize(
    "bad",
    [{}, {1: 1}, {1: 1, 2: 2}, {1: 1, 2: -1}, {1: True, 2: 0}, {True: 1, 2: 0}, {1: 1, 3: 0}, {1: 1, 2: 0, 3: 0},
     {1: 1, 2: 0, "2": 1}, {"1": 1, "2": 0}, {1: 1.0, 2: 0}, [1, 1], None],
)  # fmt: skip
def test_bad_privileges_are_refused(bad: object) -> None:
    with pytest.raises(TokenError) as refused:
        generate_token03(**TOKEN03 | {"privilege": bad})

    assert (refused.value.code, refused.value.field) == (ErrorCode.PRIVILEGE_INVALID, "privilege")


@pytest.mark.parametrize("bad", [None, {"room_id": "demo"}, b"", 1, "\ud800"])
def test_bad_payloads_are_refused(bad: object) -> None:
    with pytest.raises(TokenError) as refused:
        generate_token04(**TOKEN04 | {"payload": bad})

    assert refused.value.field == "payload"


@pytest.mark.parametrize("bad", ["gcm", None, 1])
def test_a_cipher_is_a_cipher(bad: Any) -> None:
    with pytest.raises(TokenError) as refused:
        generate_token04(**TOKEN04, cipher=bad)

    assert refused.value.field == "cipher"


@pytest.mark.parametrize(
    ("generate", "field"),
    [(generate_token04, "payload"), (generate_token04, "user_id"),
     (generate_token03, "room_id"), (generate_token03, "user_id")],
)  # fmt: skip
def test_a_field_that_does_not_fit_is_named(generate: Callable[..., str], field: str) -> None:
    arguments = (TOKEN04 if generate is generate_token04 else TOKEN03) | {field: "x" * 32_767}

    with pytest.raises(TokenError, match=f"^{field} is too long") as refused:
        generate(**arguments)

    assert refused.value.field == field


@pytest.mark.parametrize("cipher", Cipher)
def test_the_longest_token_is_issued_and_one_byte_more_is_not(cipher: Cipher) -> None:
    # given: the longest payload whose encryption still fits (CBC pads to whole blocks)
    most = 32_767 - 16 if cipher is Cipher.GCM else 32_752 - 1
    arguments = TOKEN04 | {"cipher": cipher, **seam(cipher)}
    empty = len(open_token(_token04(**arguments), SECRET).plaintext)

    # when, then
    longest = arguments | {"payload": "x" * (most - empty)}
    assert open_token(_token04(**longest), SECRET).content["payload"] == longest["payload"]
    with pytest.raises(TokenError):
        _token04(**longest | {"payload": longest["payload"] + "x"})


def test_errors_do_not_show_the_secret() -> None:
    with pytest.raises(TokenError) as refused:
        generate_token04(**TOKEN04 | {"secret": SECRET + "!"})

    assert SECRET not in str(refused.value) + repr(refused.value)


@pytest.mark.parametrize(("size", "is_one"), [(31, False), (63, False), (64, True), (65, False)])
def test_an_app_sign_is_recognised(size: int, is_one: bool) -> None:
    with pytest.raises(TokenError, match=f"must be 32 bytes long, not {size}") as refused:
        generate_token04(**TOKEN04 | {"secret": "0" * size})

    assert ("AppSign" in refused.value.message) is is_one


@pytest.mark.parametrize("cipher", Cipher)
def test_ivs_do_not_repeat(cipher: Cipher) -> None:
    ivs = {open_token(generate_token04(**TOKEN04, cipher=cipher), SECRET).iv for _ in range(2000)}

    assert len(ivs) == 2000
    # every byte of an IV takes many values: it is not drawn from a few symbols
    assert all(len({iv[position] for iv in ivs}) > 200 for position in range(cipher.iv_bytes))


def test_error_codes_are_the_official_ones() -> None:
    assert [(code.value, code.official_name) for code in ErrorCode] == [
        (0, "success"),
        (1, "appIDInvalid"),
        (2, "roomIDInvalid"),
        (3, "userIDInvalid"),
        (4, "privilegeInvalid"),
        (5, "secretInvalid"),
        (6, "effectiveTimeInSecondsInvalid"),
    ]


def test_errors_cross_to_another_process() -> None:
    with pytest.raises(TokenError) as refused:
        generate_token04(**TOKEN04 | {"app_id": 0})

    arrived = pickle.loads(pickle.dumps(refused.value))  # noqa: S301

    assert (arrived.code, arrived.message, arrived.field) == (1, refused.value.message, "app_id")
