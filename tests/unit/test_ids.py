"""Which ids ZEGO's products accept: each limit is granted, one past it is refused and named."""

import json
from collections.abc import Callable
from functools import partial

import pytest

from tests.factories import ROOT
from tests.parsing import accepts, refusal
from zego_service.fields import (
    parse_known_room_id,
    parse_known_user_id,
    parse_room_id,
    parse_user_id,
)
from zego_service.streams import parse_stream_ids

EXPRESS = json.loads((ROOT / "tests/vectors/express_web_ids.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("field", "most", "parse"),
    [
        ("user_id", 63, parse_user_id),
        ("user_id", 63, partial(parse_user_id, product="rtc")),
        ("user_id", 63, partial(parse_user_id, product="uikit")),
        ("user_id", 32, partial(parse_user_id, product="zim")),
        ("room_id", 127, parse_room_id),
    ],
)
def test_the_longest_id_is_accepted_and_one_byte_more_is_not(
    field: str, most: int, parse: Callable[[object], str]
) -> None:
    assert parse("x" * most) == "x" * most

    refused = refusal(parse, "x" * (most + 1))
    assert refused.field == field
    assert refused.detail == f"{field} must be at most {most} bytes of UTF-8, not {most + 1}"
    assert refusal(parse, "x" * (most + 2)).field == field


def test_bytes_count_and_not_characters() -> None:
    zim = partial(parse_user_id, product="zim")
    assert zim("é" * 16) == "é" * 16
    assert refusal(zim, "é" * 16 + "x").detail == "user_id must be at most 32 bytes of UTF-8, not 33"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, "null"),
        (5, "a number"),
        (1e400, "a number that is too large"),
        (0.5, "a number with a fraction"),
        (True, "true or false"),
        (["a"], "a list"),
        ({"a": 1}, "an object"),
    ],
)
def test_an_id_is_text(value: object, found: str) -> None:
    for parse in (parse_user_id, partial(parse_user_id, product="zim"), parse_known_user_id):
        assert refusal(parse, value).detail == f"user_id must be a non-empty string, not {found}"
    assert refusal(parse_room_id, value).field == "room_id"


def test_an_empty_id_is_told_so() -> None:
    for parse in (parse_user_id, partial(parse_user_id, product="zim"), parse_known_user_id):
        assert refusal(parse, "").detail == "user_id must not be empty"


@pytest.mark.parametrize("user_id", EXPRESS["users"])
def test_user_ids_are_those_that_express_and_zim_take(user_id: str) -> None:
    answers = EXPRESS["users"][user_id]
    # The documented limit, 63 bytes, is one below the SDK's.
    taken = answers["express"] == "accepted" and len(user_id) < 64

    assert accepts(parse_user_id, user_id) is taken
    assert accepts(partial(parse_user_id, product="uikit"), user_id) is taken
    assert accepts(partial(parse_user_id, product="zim"), user_id) is (answers["zim"] == "200")


@pytest.mark.parametrize("room_id", EXPRESS["rooms"])
def test_room_ids_are_those_that_express_takes(room_id: str) -> None:
    taken = EXPRESS["rooms"][room_id]["express"] == "accepted" and len(room_id) < 128

    assert accepts(parse_room_id, room_id) is taken


def test_of_all_characters_ids_have_these() -> None:
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    taken = letters + "#!$%&()`'+-;<=.>@^_~,\\*"

    for parse in (parse_user_id, parse_room_id, lambda character: (parse_stream_ids([character]) or "")[0]):
        found = {chr(code) for code in range(0x3000) if accepts(parse, chr(code))}
        assert found == set(taken)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("alice smith", "U+0020 SPACE"),
        (" alice", "U+0020 SPACE"),
        ("a/b:c", '"/"'),
        ('a"b', "a double quote (U+0022)"),
        ("auth0|5f7c8ec7", '"|"'),
        ("Zoë", '"ë" (U+00EB)'),
        ("李雷", '"李" (U+674E)'),
        ("a\u200bb", "U+200B ZERO WIDTH SPACE"),
        ("a\u00a0b", "U+00A0 NO-BREAK SPACE"),
        ("a\n", "U+000A CONTROL CHARACTER"),
        ("e\u0301", "U+0301 COMBINING ACUTE ACCENT"),
        ("\ufeffa", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
    ],
)
def test_the_message_names_the_character(value: str, name: str) -> None:
    for parse, field in ((parse_user_id, "user_id"), (parse_room_id, "room_id")):
        refused = refusal(parse, value)
        assert refused.field == field
        assert refused.detail == (
            f"{field} must not contain {name}; ZEGO takes A to Z, a to z, 0 to 9 and !#$%&'()*+-.,;<=>@\\^_`~"
        )


@pytest.mark.parametrize(
    "value",
    [
        "a",
        "a b",
        "alice@example.org",
        "a/b:c",
        "é",
        "\u03a9",
        "房间",
        "한국어",
        "مرحبا",
        "😀",
        "~" * 32,
        "a|b",
    ],
)
def test_zim_and_lookups_take_what_can_be_seen(value: str) -> None:
    assert parse_user_id(value, "zim") == parse_known_user_id(value) == parse_known_room_id(value) == value


@pytest.mark.parametrize("value", [" a", "a ", " ", "\u3000a", "a\u00a0", "a\n", "\ta"])
def test_no_space_begins_or_ends_an_id(value: str) -> None:
    refused = refusal(parse_user_id, value, "zim")

    assert (refused.field, refused.detail) == ("user_id", "user_id must not begin or end with a space")


@pytest.mark.parametrize(
    "hidden",
    [
        *"\x00\t\n\x1b\x1f\x7f\x85\u2028\u2029",  # control, breaking
        *"\xad\u061c\u200b\u200e\u202e\u2066\ufeff\U000e0041",  # format: unseen, or reordering
        *"\u0378\uffff\ue000\U0010fffd",  # unassigned, private
        *"\u00a0\u1680\u2003\u202f\u3000",  # spaces other than the plain one
        *"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0",  # letters and signs that show as nothing
        *"\ufffc\U00013441\U00016fe4\U0001d159",  # the same, of later versions of Unicode
        *"\u180b\u180e\u180f\ufe00\ufe0f\U000e0100\U000e01ef",  # variation selectors, first and last
        *"\u1039\u17d2\u1a60\u2d7f\U00010a3f\U0001107f\U00011133",  # marks that only join others
        *"\U0001193e\U00011a47\U00011a99\U00011d45\U00011d97",
    ],
    ids=ascii,
)
def test_what_is_not_seen_or_passes_for_a_space_is_refused(hidden: str) -> None:
    for parse, field in (
        (partial(parse_user_id, product="zim"), "user_id"),
        (parse_known_user_id, "user_id"),
        (parse_known_room_id, "room_id"),
    ):
        refused = refusal(parse, f"a{hidden}b")
        assert refused.field == field
        assert refused.detail.startswith(
            f"{field} must have visible characters and plain spaces only, not U+"
        )


@pytest.mark.parametrize(
    "neighbour", ["\ufdff", "\ufe10", "\u2801", "\u3165", "\U0001d158", "\ufffd", "\u2d70"]
)
def test_what_stands_beside_an_unseen_character_is_accepted(neighbour: str) -> None:
    assert parse_user_id(f"a{neighbour}b", "zim")


@pytest.mark.parametrize("value", ["e\u0301", "\u212b", "\u2126", "\u1112\u1161\u11ab"])
def test_an_id_has_one_spelling(value: str) -> None:
    refused = refusal(parse_user_id, value, "zim")

    assert (refused.field, refused.detail) == ("user_id", "user_id must be in Unicode normal form C")


@pytest.mark.parametrize("value", ["a\ud800", "\udfff", "é\udc00"])
def test_half_a_character_is_no_part_of_an_id(value: str) -> None:
    assert refusal(parse_user_id, value).detail == "user_id must not contain a lone surrogate"
