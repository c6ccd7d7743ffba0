"""Arguments that the generators refuse, and how far they may go."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import SECRET
from tests.independent import open_token
from tests.token_arguments import NOW, TOKEN03, TOKEN04, Arguments, seam
from zego_token import Cipher, ErrorCode, TokenError, generate_token03, generate_token04
from zego_token.generate import _token03, _token04


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
