"""Rows of rosters as spreadsheets, exports and the state machine write them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import APP_ID
from tests.provisioning_events import ENDS_AT, STARTS_AT, row_of
from zego_service.provisioning.bad_rows import BadRow
from zego_service.provisioning.rooms import Participant, RoomKey, RosterEntry, Window
from zego_service.provisioning.rosters import Doubts, format_of, parse_row, row_number
from zego_service.settings import Settings

DEEP: Any = json.loads("[" * 900 + "]" * 900)
UPLOADED_AT = STARTS_AT
SETTINGS = Settings(default_app_id=APP_ID)
ALICE = RosterEntry(
    2, RoomKey(APP_ID, "demo"), Participant(user_id="alice"), Window(starts_at=STARTS_AT, ends_at=ENDS_AT)
)


def parsed(record: object) -> RosterEntry | BadRow | None:
    return parse_row(2, record, UPLOADED_AT, SETTINGS)


@pytest.mark.parametrize(
    ("cells", "participant"),
    [
        ({}, Participant(user_id="alice")),
        ({"login": "", "publish": "", "stream_ids": ""}, Participant(user_id="alice")),
        ({"login": "no", "publish": "YES"}, Participant(user_id="alice", login=False, publish=True)),
        ({"login": "0", "publish": "True"}, Participant(user_id="alice", login=False, publish=True)),
        ({"login": "FALSE", "publish": "1"}, Participant(user_id="alice", login=False, publish=True)),
        (
            {"stream_ids": "uikit:*"},
            Participant(user_id="alice", stream_ids=("demo_alice_main", "demo_alice_screensharing")),
        ),
        ({"stream_ids": "uikit"}, Participant(user_id="alice", stream_ids=("uikit",))),
        ({"stream_ids": "a;b"}, Participant(user_id="alice", stream_ids=("a", "b"))),
        ({"stream_ids": " a ; b "}, Participant(user_id="alice", stream_ids=("a", "b"))),
        ({"login": " No\u00a0", "": ""}, Participant(user_id="alice", login=False)),
    ],
)
def test_cells_that_are_taken(cells: dict[str, str], participant: Participant) -> None:
    assert parsed(row_of("alice", **cells)) == replace(ALICE, participant=participant)


def test_rows_of_json_have_types() -> None:
    window = {"starts_at": STARTS_AT, "ends_at": ENDS_AT}
    record = {"user_id": "alice", "room_id": "demo", "publish": True, "stream_ids": ["a"], **window}
    speaker = Participant(user_id="alice", publish=True, stream_ids=("a",))
    assert parsed(record) == replace(ALICE, participant=speaker)


@pytest.mark.parametrize("write", [int, float, str, "{}.0".format, "{}.000000000".format, " {}\r".format])
def test_times_may_be_seconds(write: Any) -> None:
    window = {"starts_at": write(STARTS_AT), "ends_at": write(ENDS_AT)}

    assert parsed(row_of("alice") | window) == ALICE


def test_cells_are_trimmed_as_the_header_is() -> None:
    record = {f"\u00a0{name}\u3000": f"\u00a0 {cell}\t" for name, cell in row_of("alice").items()}

    assert parsed(record) == ALICE


@pytest.mark.parametrize("cell", ["", " ", "\u00a0", "\r", "\ufeff", None])
def test_a_row_of_empty_cells_is_no_row(cell: str | None) -> None:
    assert parsed(dict.fromkeys([*row_of("alice"), ""], cell)) is None
    assert isinstance(parsed({}), BadRow)


def test_what_is_left_of_a_file_from_windows_does_no_harm() -> None:
    record = {
        ("\ufeff" + name if name == "user_id" else name): cell for name, cell in row_of("alice").items()
    }
    last = record.pop("ends_at")
    assert parsed({**record, "ends_at\r": last + "\r"}) == ALICE
    assert parsed({'\ufeff"user_id"': "\ufeffalice", **row_of("")}) == ALICE


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
        ({"stream_ids": "a;4.9E+11"}, "stream_ids"),
        ({"starts_at": ""}, "starts_at"),
        ({"starts_at": "2026-12-01T09:00:00"}, "starts_at"),
        ({"starts_at": "01.12.2026"}, "starts_at"),
        ({"starts_at": "²"}, "starts_at"),
        ({"ends_at": "9" * 5000}, "ends_at"),
        ({"ends_at": "0"}, "ends_at"),
        ({"starts_at": 46_357}, "starts_at"),
        ({"starts_at": "46357.375"}, "starts_at"),
        ({"starts_at": "46357,375"}, "starts_at"),
        ({"starts_at": "20261201"}, "starts_at"),
        ({"starts_at": 20_261_201}, "starts_at"),
        ({"starts_at": "946684799"}, "starts_at"),
        ({"starts_at": "1999-12-31T23:59:59Z"}, "starts_at"),
        ({"ends_at": "20261201110000"}, "ends_at"),
        ({"ends_at": "202612011100"}, "ends_at"),
        ({"ends_at": "20261201T110000Z"}, "ends_at"),
        ({"ends_at": str(ENDS_AT * 1000)}, "ends_at"),
        ({"user_id": "'00123"}, "user_id"),
        ({"room_id": '="7b"'}, "room_id"),
        ({"user_id": "4.91701E+11"}, "user_id"),
        ({"user_id": "4,91701e+11"}, "user_id"),
        ({"room_id": "1E+05"}, "room_id"),
        ({"room_id": "#REF!"}, "room_id"),
        ({"user_id": "#####"}, "user_id"),
        ({"user_id": "auth0|64f0c0ffee"}, "user_id"),
        ({"room_id": "room 1"}, "room_id"),
        ({"publish": "WAHR"}, "publish"),
        ({"login": "VRAI"}, "login"),
        ({"login": "\u0418\u0421\u0422\u0418\u041d\u0410"}, "login"),
        ({"": "x"}, "row"),
        ({" user_id": "bob"}, "user_id"),
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
    assert bad.room_id == record["room_id"]
    if " user_id" not in changes:
        assert bad.user_id == ("" if isinstance(record["user_id"], list) else str(record["user_id"])[:128])


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
        assert isinstance(parsed(anything), RosterEntry | BadRow | None)


def test_row_numbers_are_those_that_a_spreadsheet_shows() -> None:
    assert (row_number(0, "csv"), row_number(98, "csv")) == (2, 100)  # under the header
    assert row_number(0, "jsonl") == 1


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


@pytest.mark.parametrize("user_id", ["5e10", "1e5", "E+1", "12E", "=alice", "o'neill", "#alice", "#1"])
def test_an_id_that_no_spreadsheet_damaged_is_taken(user_id: str) -> None:
    assert isinstance(parsed(row_of(user_id)), RosterEntry)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"publish": "WAHR"}, 'publish must be true or false, yes or no, 1 or 0, not "WAHR"'),
        ({"publish": "x" * 200}, f'publish must be true or false, yes or no, 1 or 0, not "{"x" * 24}…"'),
        ({"userid": "bob"}, "this column is not known; did you mean user_id?"),
        ({"": "x"}, "a cell has no column name above it"),
        ({"user_id": "a b"}, "user_id must not contain U+0020 SPACE; "),
    ],
)
def test_the_reason_says_what_was_found(changes: dict[str, Any], reason: str) -> None:
    bad = parsed(row_of("alice") | changes)

    assert isinstance(bad, BadRow)
    assert bad.reason.startswith(reason)


def doubts(*entries: RosterEntry) -> list[tuple[int, str]]:
    seen = Doubts()
    return [(row.row, row.field) for entry in entries for row in seen.about(entry)]


def test_two_rows_for_one_user_and_room_are_doubted_and_others_are_not() -> None:
    bob = replace(ALICE, row=3, participant=Participant(user_id="bob"))
    elsewhere = replace(ALICE, row=4, key=RoomKey(APP_ID, "other"))

    assert doubts(ALICE, bob, elsewhere) == []
    assert doubts(ALICE, bob, elsewhere, replace(ALICE, row=5), replace(ALICE, row=6)) == [
        (5, "user_id"),
        (6, "user_id"),
    ]


@pytest.mark.parametrize(
    ("name", "doubted"), [("1001.0", True), ("1001.00", True), ("1001", False), ("v1.0", False)]
)
def test_ids_that_look_like_numbers_with_a_point_are_doubted(name: str, doubted: bool) -> None:
    user = replace(ALICE, participant=Participant(user_id=name))
    room = replace(ALICE, key=RoomKey(APP_ID, name))

    assert doubts(user) == ([(2, "user_id")] if doubted else [])
    assert doubts(room) == ([(2, "room_id")] if doubted else [])
