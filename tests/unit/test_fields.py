"""Values of requests, events and rosters: each limit is granted, one past it is refused and named."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest

from tests.parsing import refusal
from zego_service.fields import (
    LIMITS,
    Product,
    check_ttl,
    parse_app_id,
    parse_choice,
    parse_flag,
    parse_request_id,
    parse_revision,
    parse_text,
    parse_time,
    parse_validity,
)

KINDS = {int: "a number", str: "a string", type(None): "null"}


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
