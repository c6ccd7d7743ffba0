"""Names of fields: the mistyped ones are told what they resemble."""

import pytest

from zego_service.errors import InvalidRequestError
from zego_service.names import check_known, required, shown, unknown

FIELDS = ("app_id", "user_id", "room_id", "stream_ids", "effective_time_in_seconds", "privilege", "starts_at")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("userid", "user_id"),
        ("UserId", "user_id"),
        ("user-id", "user_id"),
        ("User ID", "user_id"),
        ("user", "user_id"),
        ("usre_id", "user_id"),
        ("appid", "app_id"),
        ("roomId", "room_id"),
        ("stream_id", "stream_ids"),
        ("priviledge", "privilege"),
        ("effective_time", "effective_time_in_seconds"),
        ("effectiveTimeInSecond", "effective_time_in_seconds"),
        ("start_at", "starts_at"),
    ],
)
def test_a_mistyped_name_is_told_what_it_resembles(typed: str, meant: str) -> None:
    error = unknown(typed, FIELDS)

    assert (error.field, error.detail) == (typed, f"this field is not known; did you mean {meant}?")


@pytest.mark.parametrize("name", ["role", "x", "", "\ud800", "___", "user_id" * 20, "名前"])
def test_a_name_that_resembles_none_gets_no_hint(name: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"^this column is not known$"):
        check_known([name], FIELDS, "column")


def test_known_names_pass_and_a_required_one_must_be_there() -> None:
    check_known(FIELDS, FIELDS)
    assert required({"user_id": None}, "user_id") is None
    with pytest.raises(InvalidRequestError, match=r"^user_id is required$") as missing:
        required({}, "user_id")
    assert missing.value.field == "user_id"


def test_a_long_name_is_cut_before_it_is_sent_back() -> None:
    assert [shown("x" * 64), shown("x" * 65)] == ["x" * 64, "x" * 64 + "…"]
