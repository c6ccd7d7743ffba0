"""Rows of rosters as spreadsheets, exports and the state machine write them."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import APP_ID
from tests.provisioning_events import ENDS_AT, STARTS_AT, row_of
from zego_service.provisioning.rooms import Participant, RoomKey, RosterEntry, Window
from zego_service.provisioning.rosters import (
    BadRow,
    RosterError,
    as_text,
    errors_csv,
    format_of,
    parse_row,
    read_records,
    row_number,
)
from zego_service.settings import Settings

DEEP: Any = json.loads("[" * 900 + "]" * 900)
UPLOADED_AT = STARTS_AT
SETTINGS = Settings(default_app_id=APP_ID)
ALICE = RosterEntry(
    2, RoomKey(APP_ID, "demo"), Participant(user_id="alice"), Window(starts_at=STARTS_AT, ends_at=ENDS_AT)
)


def parsed(record: object) -> RosterEntry | BadRow:
    return parse_row(2, record, UPLOADED_AT, SETTINGS)


@pytest.mark.parametrize(
    ("cells", "participant"),
    [
        ({}, Participant(user_id="alice")),
        ({"login": "", "publish": "", "stream_ids": ""}, Participant(user_id="alice")),
        ({"login": "no", "publish": "YES"}, Participant(user_id="alice", login=False, publish=True)),
        ({"login": "0", "publish": "True"}, Participant(user_id="alice", login=False, publish=True)),
        ({"login": "FALSE", "publish": "1"}, Participant(user_id="alice", login=False, publish=True)),
        ({"stream_ids": "a;b"}, Participant(user_id="alice", stream_ids=("a", "b"))),
    ],
)
def test_cells_that_are_taken(cells: dict[str, str], participant: Participant) -> None:
    assert parsed(row_of("alice", **cells)) == replace(ALICE, participant=participant)


def test_rows_of_json_have_types() -> None:
    window = {"starts_at": STARTS_AT, "ends_at": ENDS_AT}
    record = {"user_id": "alice", "room_id": "demo", "publish": True, "stream_ids": ["a"], **window}
    speaker = Participant(user_id="alice", publish=True, stream_ids=("a",))
    assert parsed(record) == replace(ALICE, participant=speaker)


def test_times_may_be_seconds() -> None:
    assert parsed(row_of("alice") | {"starts_at": str(STARTS_AT), "ends_at": str(ENDS_AT)}) == ALICE


def test_what_is_left_of_a_file_from_windows_does_no_harm() -> None:
    record = {
        ("\ufeff" + name if name == "user_id" else name): cell for name, cell in row_of("alice").items()
    }
    last = record.pop("ends_at")
    assert parsed({**record, "ends_at\r": last + "\r"}) == ALICE


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user_id": ""}, "user_id"),
        ({"user_id": "x" * 64}, "user_id"),
        ({"user_id": "\ud800"}, "user_id"),
        ({"user_id": 5}, "user_id"),
        ({"room_id": ""}, "room_id"),
        ({"room_id": "x" * 128}, "room_id"),
        ({"user_id": DEEP}, "user_id"),
        ({"login": "maybe"}, "login"),
        ({"publish": "2"}, "publish"),
        ({"stream_ids": "a;;b"}, "stream_ids"),
        ({"stream_ids": "a, b"}, "stream_ids"),
        ({"starts_at": ""}, "starts_at"),
        ({"starts_at": "2026-12-01T09:00:00"}, "starts_at"),
        ({"starts_at": "01.12.2026"}, "starts_at"),
        ({"starts_at": "²"}, "starts_at"),
        ({"ends_at": "9" * 5000}, "ends_at"),
        ({"ends_at": "0"}, "ends_at"),
        ({"ends_at": float("nan")}, "ends_at"),
        ({"ends_at": True}, "ends_at"),
        ({"app_id": "5"}, "app_id"),
        ({"x" * 200: "y"}, "x" * 64 + "…"),
    ],
)
def test_a_bad_row_says_where_and_whose_it_is(changes: dict[str, Any], field: str) -> None:
    record = row_of("alice") | changes
    bad = parsed(record)
    assert isinstance(bad, BadRow)
    assert (bad.row, bad.field) == (2, field)
    assert bad.reason
    assert bad.user_id == ("" if isinstance(record["user_id"], list) else str(record["user_id"])[:128])
    assert bad.room_id == record["room_id"]


def test_of_an_id_that_is_too_long_the_beginning_is_shown() -> None:
    bad = parsed(row_of("x" * 200))
    assert isinstance(bad, BadRow)
    assert bad.user_id == "x" * 128


@pytest.mark.parametrize("record", [None, [], "alice", 5, {"user_id": ["alice"]}, {"user_id": {}}])
def test_what_is_no_row_is_a_bad_row(record: object) -> None:
    assert isinstance(parsed(record), BadRow)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_nothing_makes_a_row_fail(record: object) -> None:
    for anything in (record, {"user_id": record, **row_of("x")}, row_of("alice") | {"stream_ids": record}):
        assert isinstance(parsed(anything), RosterEntry | BadRow)


def test_row_numbers_are_those_that_a_spreadsheet_shows() -> None:
    assert (row_number(0, "csv"), row_number(98, "csv")) == (2, 100)  # under the header
    assert row_number(0, "jsonl") == 1


HEADER = "user_id,room_id,starts_at,ends_at"


def records_of(text: str) -> list[object]:
    return list(read_records(io.StringIO(text, newline=""), "csv"))


def test_a_csv_file_is_read_as_it_was_written() -> None:
    text = HEADER + '\r\nalice,demo,1,2\r\n"b,c","de""mo",1,2\r\n\r\nshort\r\nlong,row,1,2,3\r\n'
    assert records_of(text) == [
        {"user_id": "alice", "room_id": "demo", "starts_at": "1", "ends_at": "2"},
        {"user_id": "b,c", "room_id": 'de"mo', "starts_at": "1", "ends_at": "2"},
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\n", "user_id is missing"),
        ("user_id;room_id;starts_at;ends_at\n", "user_id is missing"),
        (HEADER.removesuffix(",ends_at"), "ends_at is missing"),
        (HEADER + ",role", "'role' is not known"),
        (HEADER + ",user_id", "'user_id' is not known, or is there twice"),
        (HEADER + '\n"alice,demo,1,2', "line 2: unexpected end of data"),
        (HEADER + "\n" + "x" * 200_000, "line 2: field larger than field limit"),
    ],
)
def test_a_file_that_is_no_roster(text: str, reason: str) -> None:
    with pytest.raises(RosterError, match=reason):
        records_of(text)


def test_a_row_with_a_backslash_is_bad_because_not_every_reader_keeps_it() -> None:
    (record,) = records_of(HEADER + "\nal\\ice,demo,1,2\n")
    bad = parsed(record)
    assert isinstance(bad, BadRow)
    assert (bad.field, bad.user_id) == ("user_id", "al\\ice")


@pytest.mark.parametrize("text", ["", HEADER, HEADER + "\n\r\n\n"])
def test_a_table_without_rows_has_no_records(text: str) -> None:
    assert records_of(text) == []


def json_lines_of(text: str | bytes) -> list[object]:
    content = text if isinstance(text, bytes) else text.encode()
    return list(read_records(as_text(io.BytesIO(content), "jsonl"), "jsonl"))


def test_json_lines_are_read_one_by_one() -> None:
    text = '{"user_id": "alice"}\r\n\n[1]\n\r\nnull\n{"user_id": "bob"}'
    assert json_lines_of(text) == [{"user_id": "alice"}, None, None, {"user_id": "bob"}]
    assert json_lines_of("\n\r\n") == json_lines_of("") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{}\n{"user_id"\n{}', "line 2 is not JSON"),
        ("{}\n\n{} {}", "line 3 is not JSON"),
        ("user_id,room_id", "line 1 is not JSON"),
        ('[\n{"user_id": "alice"}\n]', "line 1 is not JSON"),
        ('{"starts_at": NaN}', "line 1 is not JSON"),
        ('{"starts_at": -Infinity}', "line 1 is not JSON"),
        ("{}\r{}", "line 1 is not JSON"),
        ("{}\n  \n", "line 2 is not JSON"),
        ("[" * 100_000, "line 1 is not JSON"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"user_id": "%s"}' % ("x" * 190_000), "line 1 has 190,015 bytes"),
    ],
)
def test_json_lines_that_step_functions_could_not_read_are_refused(text: str | bytes, reason: str) -> None:
    with pytest.raises(RosterError, match=reason):
        json_lines_of(text)


def test_a_row_that_no_batch_can_carry_is_refused_and_a_wide_one_is_not() -> None:
    wide = HEADER + "\n" + ",".join(["é" * 20_000] * 4)
    too_wide = HEADER + "\n" + ",".join(["é" * 25_000] * 4)

    assert len(records_of(wide)) == len(json_lines_of('{"user_id": "%s"}' % ("x" * 189_000))) == 1
    with pytest.raises(RosterError, match=r"the row in line 2 has 200,0\d\d bytes"):
        records_of(too_wide)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.csv", "csv"),
        ("A.CSV", "csv"),
        ("b/a.JsonL", "jsonl"),
        ("csv", None),
        ("a.csv.gz", None),
        ("", None),
    ],
)
def test_the_name_says_the_format(name: str, found: str | None) -> None:
    assert format_of(name) == found


def bad_row(row: int, user_id: str = "alice", field: str = "user_id", room_id: str = "demo") -> BadRow:
    return BadRow(row, field, "this is wrong", user_id, room_id)


def test_the_list_of_bad_rows_is_in_the_order_of_the_file() -> None:
    table = errors_csv([bad_row(30), bad_row(4), bad_row(200)])
    rows = list(csv.reader(io.StringIO(table, newline="")))
    assert rows[0] == ["row", "field", "reason", "user_id", "room_id"]
    assert rows[2] == ["30", "user_id", "this is wrong", "alice", "demo"]
    assert [row[0] for row in rows[1:]] == ["4", "30", "200"]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_a_spreadsheet_would_compute_is_text(first: str) -> None:
    formula = first + 'HYPERLINK("http://evil.example","x")'
    table = errors_csv([bad_row(2, formula, formula, formula)])
    _, row = csv.reader(io.StringIO(table, newline=""))
    assert row == ["2", "'" + formula, "this is wrong", "'" + formula, "'" + formula]


@given(st.lists(st.text(), max_size=3))
def test_the_list_can_be_read_back(users: list[str]) -> None:
    table = errors_csv(bad_row(row, user) for row, user in enumerate(users))
    rows = list(csv.reader(io.StringIO(table, newline="")))[1:]
    assert [row[3].removeprefix("'") for row in rows] == [user.removeprefix("'") for user in users]
