"""What ZEGO's products accept: each limit is granted, one past it is refused and named."""

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from functools import partial

import pytest

from tests.factories import ROOT
from tests.parsing import accepts, refusal
from zego_service.fields import (
    LIMITS,
    Product,
    check_ttl,
    parse_app_id,
    parse_choice,
    parse_flag,
    parse_known_room_id,
    parse_known_user_id,
    parse_request_id,
    parse_revision,
    parse_room_id,
    parse_text,
    parse_time,
    parse_user_id,
    parse_validity,
)
from zego_service.streams import parse_stream_ids

EXPRESS = json.loads((ROOT / "tests/vectors/express_web_ids.json").read_text(encoding="utf-8"))
KINDS = {int: "a number", str: "a string", type(None): "null"}


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


@pytest.mark.parametrize("seconds", [30, 31, 86_400, 2_073_599, 2_073_600])
def test_zim_accepts_half_a_minute_to_24_days(seconds: int) -> None:
    check_ttl(seconds, "zim")


@pytest.mark.parametrize("seconds", [1, 29, 2_073_601, 2_073_602, 2**31])
def test_zim_accepts_no_other_validity(seconds: int) -> None:
    refused = refusal(check_ttl, seconds, "zim")

    assert refused.field == "effective_time_in_seconds"
    assert refused.detail == ("effective_time_in_seconds must be from 30 to 2073600 for the product zim")


@pytest.mark.parametrize("product", ["rtc", "uikit"])
@pytest.mark.parametrize("seconds", [1, 29, 2_073_601, 2**31])
def test_other_products_accept_any_validity(product: Product, seconds: int) -> None:
    check_ttl(seconds, product)


def test_limits_cannot_be_changed_in_a_process_that_serves_many() -> None:
    with pytest.raises(FrozenInstanceError):
        LIMITS["zim"].user_id_bytes = 64  # type: ignore[misc]


NO_INTEGERS: list[tuple[object, str]] = [
    (True, "true or false"),
    (1.5, "a number with a fraction"),
    (1e300, "a number that is too large"),
    (float("inf"), "a number that is too large"),
    (float("nan"), "a number with a fraction"),
    ("1", "a string: write it without quotes"),
    ("one", "a string"),
    ("", "an empty string"),
    (None, "null"),
    ([1], "a list"),
    ({}, "an object"),
]


@pytest.mark.parametrize(
    ("parse", "field", "first", "last"),
    [(parse_app_id, "app_id", 1, 4_294_967_295), (parse_revision, "revision", 0, 9_007_199_254_740_991)],
)
def test_whole_numbers_have_two_ends(
    parse: Callable[[object], int], field: str, first: int, last: int
) -> None:
    assert [parse(value) for value in (first, first + 1, last)] == [first, first + 1, last]
    wanted = f"{field} must be an integer from {first} to {last}"
    for value, found in ((first - 1, "too small"), (last + 1, "too large")):
        assert refusal(parse, value).detail == f"{wanted}; this is {found}"
    for wrong, found in NO_INTEGERS:
        refused = refusal(parse, wrong)
        assert (refused.field, refused.detail) == (field, f"{wanted}, not {found}")


@pytest.mark.parametrize("written", [3600.0, 1.0, 9_007_199_254_740_991.0])
def test_an_integer_may_be_written_with_a_point_as_json_has_one_kind_of_number(written: float) -> None:
    for parse in (parse_validity, parse_revision):
        assert parse(written) == int(written)
        assert type(parse(written)) is int


def test_a_validity_is_positive_and_fits_into_64_bits() -> None:
    wanted = "effective_time_in_seconds must be a positive integer number of seconds"
    assert [parse_validity(value) for value in (1, 2, 2**63 - 1)] == [1, 2, 2**63 - 1]
    for value, found in ((0, "too small"), (-1, "too small"), (-0.0, "too small"), (2**63, "too large")):
        assert refusal(parse_validity, value).detail == f"{wanted}; this is {found}"
    for wrong, found in NO_INTEGERS:
        refused = refusal(parse_validity, wrong)
        assert refused.field == "effective_time_in_seconds"
        assert refused.detail == f"{wanted}, not {found}"


def test_a_text_is_any_that_can_be_encoded() -> None:
    assert [parse_text(value, "payload") for value in ("", "{}", "é")] == ["", "{}", "é"]
    for value in (None, 5, b"{}", ["a"], True):
        assert refusal(parse_text, value, "payload").detail.startswith("payload must be a string, not ")
    assert refusal(parse_text, "a\ud800", "payload").detail == "payload must not contain a lone surrogate"


@pytest.mark.parametrize("value", ["a\ud800", "\udfff", "é\udc00"])
def test_half_a_character_is_no_part_of_an_id(value: str) -> None:
    assert refusal(parse_user_id, value).detail == "user_id must not contain a lone surrogate"


def test_a_choice_is_one_of_the_words() -> None:
    assert parse_choice("04", "version", ("03", "04")) == "04"
    for value in ("05", "", 4, None, ["04"], b"04"):
        refused = refusal(parse_choice, value, "version", ("03", "04"))
        assert refused.field == "version"
        assert refused.detail.startswith('version must be one of "03", "04", not ')
    assert refusal(parse_choice, "RTC", "product", ("rtc", "zim", "uikit")).detail == (
        'product must be one of "rtc", "zim", "uikit", not another string; did you mean "rtc"?'
    )


def test_a_flag_is_a_boolean() -> None:
    assert [parse_flag(True, "kick"), parse_flag(False, "kick")] == [True, False]
    for value in (0, 1, "true", None):
        refused = refusal(parse_flag, value, "kick")
        assert (refused.field, refused.detail) == (
            "kick",
            f"kick must be true or false, not {KINDS[type(value)]}",
        )


def test_times_lie_between_1970_and_9999() -> None:
    for value, seconds in (
        (0, 0),
        (1, 1),
        (1_796_112_000.0, 1_796_112_000),
        (253_402_300_799, 253_402_300_799),
        ("1970-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
    ):
        assert parse_time(value, "starts_at") == seconds
    for late in (-1, "1969-12-31T23:59:59Z", 10**18):
        assert refusal(parse_time, late, "ends_at").detail == "ends_at must be a time between 1970 and 9999"
    for milliseconds in (253_402_300_800, 1_796_112_000_000):
        assert refusal(parse_time, milliseconds, "ends_at").detail.endswith("; are these milliseconds?")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, ", not true or false"),
        (1.5, ", not a number with a fraction"),
        (None, ", not null"),
        ("", ", not an empty string"),
        ("1796112000", ", not a string: write it without quotes"),
        ("2026-12-01T09:00:00", ": it has no offset"),
        ("2026-12-01 09:00", ": it has no offset"),
        ("2026-02-30T09:00:00Z", ": there is no such day"),
        ("2026-12-01T24:00:00Z", ": there is no such time of day"),
        ("2026-12-01T09:00:00+24:00", ": there is no such offset"),
        ("20261201110000Z", ": it is not of this form"),
        ("2026-12-01", ": it is not of this form"),
    ],
)
def test_the_message_says_what_is_wrong_with_a_time(value: object, reason: str) -> None:
    refused = refusal(parse_time, value, "ends_at")

    wanted = "ends_at must be Unix seconds, or a time such as 2026-12-01T09:00:00Z, with its offset"
    assert (refused.field, refused.detail) == ("ends_at", wanted + reason)


@pytest.mark.parametrize("request_id", ["r", "A-b_c.9", "x" * 128])
def test_request_ids(request_id: str) -> None:
    assert parse_request_id(request_id) == request_id
    for bad in ("", request_id + " ", "x" * 129, None, 5):
        assert refusal(parse_request_id, bad).field == "request_id"
