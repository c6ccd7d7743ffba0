"""Times as RFC 3339 writes them, all of them and no others."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zego_service.rfc3339 import unix_seconds

OFFSETS = st.integers(-(24 * 60 - 1), 24 * 60 - 1).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(
    moment=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=OFFSETS),  # noqa: DTZ001
    separator=st.sampled_from("Tt "),
    fraction=st.just("") | st.from_regex(r"\.[0-9]{1,40}", fullmatch=True),
)
def test_every_time_that_is_written_is_read(moment: datetime, separator: str, fraction: str) -> None:
    whole = moment.replace(microsecond=0)
    head, offset = whole.isoformat()[:19].replace("T", separator), whole.isoformat()[19:]

    seconds = unix_seconds(head + fraction + offset)

    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds) == whole


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        # The examples of RFC 3339, section 5.8; fractions are cut off.
        ("1985-04-12T23:20:50.52Z", 482_196_050),
        ("1996-12-19T16:39:57-08:00", 851_042_397),
        ("1990-12-31T23:59:60Z", 662_688_000),
        ("1990-12-31T15:59:60-08:00", 662_688_000),
        ("1937-01-01T12:00:27.87+00:20", -1_041_337_173),
        ("2026-12-01t11:00:00z", 1_796_122_800),
        ("2026-12-01 11:00:00+00:00", 1_796_122_800),
        ("2026-12-01T11:00:00-00:00", 1_796_122_800),
        ("2026-12-01T11:00:00." + "9" * 1000 + "Z", 1_796_122_800),
        ("2028-02-29T00:00:00Z", 1_835_395_200),
    ],
)
def test_these_are_times(text: str, seconds: int) -> None:
    assert unix_seconds(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Z",
        "2026-12-01",
        "11:00:00Z",
        "2026-12-01T11:00:00",  # no offset
        "2026-12-01T11:00Z",  # no seconds
        "2026-12-01T11Z",
        "2026-12-01T11:00:00.Z",
        "2026-12-01T11:00:00,5Z",
        "20261201T110000Z",  # ISO 8601's basic form
        "20261201110000Z",
        "2026-12-01T110000Z",
        "2026-W49-2T11:00:00Z",  # a week date
        "2026-335T11:00:00Z",  # an ordinal date
        "2026-12-01_11:00:00Z",
        "2026-12-01111:00:00Z",
        "2026-12-01  11:00:00Z",
        "2026-12-01\u00a011:00:00Z",
        "2026-12-01T11:00:00 Z",
        "2026-12-01T11:00:00+01",
        "2026-12-01T11:00:00+0100",
        "2026-12-01T11:00:00+01:00:00",
        "2026-12-01T11:00:00\u221201:00",  # a minus sign that is no hyphen
        "2026-12-01T11:00:00UTC",
        "2026-12-01T11:00:00Z[Europe/Berlin]",
        " 2026-12-01T11:00:00Z",
        "2026-12-01T11:00:00Z\n",
        "\ufeff2026-12-01T11:00:00Z",
        "+2026-12-01T11:00:00Z",
        "02026-12-01T11:00:00Z",
        "26-12-01T11:00:00Z",
        "2026-1-1T11:00:00Z",
        "\uff12026-12-01T11:00:00Z",  # a digit that is not ASCII
        "2026-12-01T11:00:0\u0661Z",
        "0000-01-01T00:00:00Z",
        "2026-00-01T11:00:00Z",
        "2026-13-01T11:00:00Z",
        "2026-12-00T11:00:00Z",
        "2026-11-31T11:00:00Z",
        "2027-02-29T11:00:00Z",
        "2026-12-01T24:00:00Z",
        "2026-12-01T11:60:00Z",
        "2026-12-01T11:00:61Z",
        "2026-12-01T11:00:60Z",  # leap seconds are at the end of a day in UTC
        "2026-12-31T23:59:60+01:00",
        "2026-12-01T11:00:00+24:00",
        "2026-12-01T11:00:00+01:60",
    ],
)
def test_these_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"there is no such|not of this form|no offset"):
        unix_seconds(text)


@given(st.text("0123456789-:TtZz+. W", max_size=30))
def test_nothing_else_is_taken(text: str) -> None:
    try:
        seconds = unix_seconds(text)
    except ValueError:
        return
    assert datetime.fromisoformat(text.upper().replace("60", "59")).timestamp() == pytest.approx(
        seconds, abs=1
    )
