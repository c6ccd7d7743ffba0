"""What ZEGO's products accept: each limit is granted, one past it is refused and named."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from functools import partial
from typing import Any

import pytest

from zego_service.errors import InvalidRequestError
from zego_service.fields import (
    LIMITS,
    Product,
    check_ttl,
    parse_app_id,
    parse_choice,
    parse_flag,
    parse_payload,
    parse_request_id,
    parse_revision,
    parse_room_id,
    parse_stream_ids,
    parse_time,
    parse_user_id,
    parse_validity,
    shown,
)


def refusal(check: Any, *arguments: object) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as refused:
        check(*arguments)
    return refused.value


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
    for longest in ("x" * most, "é" * (most // 2) + "x" * (most % 2)):
        assert parse(longest) == longest

        refused = refusal(parse, longest + "x")
        assert refused.field == field
        assert refused.detail == f"{field} must be at most {most} bytes of UTF-8"
    assert refusal(parse, "x" * (most + 2)).field == field


@pytest.mark.parametrize("value", ["", None, 5, True, b"a", ["a"], {"a": 1}], ids=repr)
def test_an_id_is_text(value: object) -> None:
    assert refusal(parse_user_id, value).detail == "user_id must be a non-empty string"
    assert refusal(parse_room_id, value).field == "room_id"


@pytest.mark.parametrize(
    "value",
    ["a", "a b", "alice@example.org", "a/b:c", "é", "\u03a9", "房间", "한국어", "مرحبا", "😀", "~" * 127],
)
def test_what_can_be_seen_is_an_id(value: str) -> None:
    assert parse_room_id(value)


@pytest.mark.parametrize("value", [" a", "a ", " ", "\u3000a", "a\u00a0", "a\n", "\ta"])
def test_no_space_begins_or_ends_an_id(value: str) -> None:
    refused = refusal(parse_user_id, value)

    assert (refused.field, refused.detail) == ("user_id", "user_id must not begin or end with a space")


@pytest.mark.parametrize(
    "hidden",
    [
        *"\x00\t\n\x1b\x1f\x7f\x85\u2028\u2029",  # control, breaking
        *"\xad\u061c\u200b\u200e\u202e\u2066\ufeff\U000e0041",  # format: unseen, or reordering
        *"\u0378\uffff\ue000\U0010fffd",  # unassigned, private
        *"\u00a0\u1680\u2003\u202f\u3000",  # spaces other than the plain one
        *"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0",  # letters and signs that show as nothing
        *"\u180b\u180e\u180f\ufe00\ufe0f\U000e0100\U000e01ef",  # variation selectors, first and last
    ],
    ids=ascii,
)
def test_what_is_not_seen_or_passes_for_a_space_is_refused(hidden: str) -> None:
    refused = refusal(parse_room_id, f"a{hidden}b")

    assert refused.field == "room_id"
    assert refused.detail == "room_id must have visible characters and plain spaces only"


@pytest.mark.parametrize("neighbour", ["\ufdff", "\ufe10", "\u2801", "\u3165"])
def test_what_stands_beside_an_unseen_character_is_accepted(neighbour: str) -> None:
    assert parse_room_id(f"a{neighbour}b")


@pytest.mark.parametrize("value", ["e\u0301", "\u212b", "\u2126", "\u1112\u1161\u11ab"])
def test_an_id_has_one_spelling(value: str) -> None:
    refused = refusal(parse_user_id, value)

    assert (refused.field, refused.detail) == ("user_id", "user_id must be in Unicode normal form C")


@pytest.mark.parametrize(
    "stream_ids", [("s",), ("x" * 255,), ("s",) * 100, ("AZaz09-_",), ("-",), ("s1", "s2", "s1")]
)
def test_streams_that_express_would_accept(stream_ids: tuple[str, ...]) -> None:
    assert parse_stream_ids(list(stream_ids)) == stream_ids


@pytest.mark.parametrize("bad", ["x" * 256, "a b", "a.b", "ü", "１", "s\n", "\ns", "a/b", "a\x00"])
def test_one_bad_stream_id_is_enough(bad: str) -> None:
    for stream_ids in ((bad,), ("s1", bad), (bad, "s1")):
        refused = refusal(parse_stream_ids, list(stream_ids))

        assert refused.field == "stream_ids"
        assert refused.detail == "each of stream_ids must have 1 to 255 letters, digits, '-' or '_'"


@pytest.mark.parametrize("count", [101, 102, 1000])
def test_more_streams_than_100_are_refused(count: int) -> None:
    refused = refusal(parse_stream_ids, ["s"] * count)

    assert (refused.field, refused.detail) == ("stream_ids", "stream_ids must have at most 100 entries")


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


NO_INTEGERS = [True, 1.0, "1", None, [1]]


@pytest.mark.parametrize(
    ("parse", "field", "first", "last"),
    [(parse_app_id, "app_id", 1, 4_294_967_295), (parse_revision, "revision", 0, 9_007_199_254_740_991)],
)
def test_whole_numbers_have_two_ends(
    parse: Callable[[object], int], field: str, first: int, last: int
) -> None:
    assert [parse(value) for value in (first, first + 1, last)] == [first, first + 1, last]
    for value in (first - 1, last + 1, *NO_INTEGERS):
        refused = refusal(parse, value)
        assert refused.field == field
        assert refused.detail == f"{field} must be an integer from {first} to {last}"


def test_a_validity_is_positive_and_fits_into_64_bits() -> None:
    assert [parse_validity(value) for value in (1, 2, 2**63 - 1)] == [1, 2, 2**63 - 1]
    for value in (0, -1, 2**63, *NO_INTEGERS):
        refused = refusal(parse_validity, value)
        assert refused.field == "effective_time_in_seconds"
        assert refused.detail == "effective_time_in_seconds must be a positive integer number of seconds"


def test_a_payload_is_any_text_that_can_be_encoded() -> None:
    assert [parse_payload(value) for value in ("", "{}", "é")] == ["", "{}", "é"]
    for value in (None, 5, b"{}", ["a"], True):
        assert refusal(parse_payload, value).detail == "payload must be a string"
    assert refusal(parse_payload, "a\ud800").detail == "payload must not contain a lone surrogate"


@pytest.mark.parametrize("value", ["a\ud800", "\udfff", "é\udc00"])
def test_half_a_character_is_no_part_of_an_id(value: str) -> None:
    assert refusal(parse_user_id, value).detail == "user_id must not contain a lone surrogate"


def test_a_choice_is_one_of_the_words() -> None:
    assert parse_choice("04", "version", ("03", "04")) == "04"
    for value in ("05", "", 4, None, ["04"], b"04"):
        refused = refusal(parse_choice, value, "version", ("03", "04"))
        assert (refused.field, refused.detail) == ("version", "version must be one of 03, 04")


def test_a_flag_is_a_boolean() -> None:
    assert [parse_flag(True, "kick"), parse_flag(False, "kick")] == [True, False]
    for value in (0, 1, "true", None):
        refused = refusal(parse_flag, value, "kick")
        assert (refused.field, refused.detail) == ("kick", "kick must be true or false")


def test_times_lie_between_1970_and_9999() -> None:
    for value, seconds in (
        (0, 0),
        (1, 1),
        (253_402_300_799, 253_402_300_799),
        ("1970-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
    ):
        assert parse_time(value, "starts_at") == seconds
    for late in (-1, 253_402_300_800, "1969-12-31T23:59:59Z"):
        assert refusal(parse_time, late, "ends_at").detail == "ends_at must be a time between 1970 and 9999"
    for wrong in (True, 1.0, None, "2026-12-01T09:00:00", "1", b"1"):
        assert refusal(parse_time, wrong, "ends_at").field == "ends_at"


@pytest.mark.parametrize("request_id", ["r", "A-b_c.9", "x" * 128])
def test_request_ids(request_id: str) -> None:
    assert parse_request_id(request_id) == request_id
    for bad in ("", request_id + " ", "x" * 129, None, 5):
        assert refusal(parse_request_id, bad).field == "request_id"


def test_a_long_name_is_cut_before_it_is_sent_back() -> None:
    assert [shown("x" * 64), shown("x" * 65)] == ["x" * 64, "x" * 64 + "…"]
