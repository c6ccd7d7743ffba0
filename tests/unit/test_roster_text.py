"""Rosters as files: read as Step Functions would read them, or refused in a line."""

import io

import pytest

from zego_service.errors import InvalidRequestError
from zego_service.provisioning.roster_cells import cells_of, shown_ids
from zego_service.provisioning.roster_text import RosterError, as_text, read_records
from zego_service.provisioning.rosters import row_number

HEADER = "user_id,room_id,starts_at,ends_at"


def records_of(text: str) -> list[object]:
    return [record for _, record in read_records(io.StringIO(text, newline=""), "csv")]


def test_a_csv_file_is_read_as_it_was_written() -> None:
    text = HEADER + '\r\nalice,demo,1,2\r\n"b,c","de""mo",1,2\r\n\r\nshort\r\nlong,row,1,2,3\r\n'
    assert records_of(text) == [
        {"user_id": "alice", "room_id": "demo", "starts_at": "1", "ends_at": "2"},
        {"user_id": "b,c", "room_id": 'de"mo', "starts_at": "1", "ends_at": "2"},
        {"user_id": "short", "room_id": "", "starts_at": "", "ends_at": ""},
        {"user_id": "long", "room_id": "row", "starts_at": "1", "ends_at": "2"},
    ]


def test_the_index_counts_empty_lines_and_cells_of_several_lines_as_a_spreadsheet_does() -> None:
    text = HEADER + '\n\nalice,demo,1,2\n\n"bob\n\n",demo,1,2\ncarol,demo,1,2\n'

    indexes = [index for index, _ in read_records(io.StringIO(text, newline=""), "csv")]

    assert [row_number(index, "csv") for index in indexes] == [3, 5, 6]
    assert [index for index, _ in read_records(io.StringIO("{}\n\n{}"), "jsonl")] == [0, 2]


@pytest.mark.parametrize(("extra", "reason"), [("", None), (",", None), (", ,", None), (",x", "more cells")])
def test_cells_beyond_the_header_may_be_empty(extra: str, reason: str | None) -> None:
    (record,) = records_of(f"{HEADER}\nalice,demo,1,2{extra}\n")

    if reason is None:
        assert cells_of(record)["user_id"] == "alice"
    else:
        with pytest.raises(InvalidRequestError, match=reason):
            cells_of(record)


def test_of_columns_without_a_name_no_content_is_lost() -> None:
    for row in ("alice,demo,1,2,x,", "alice,demo,1,2,,x"):
        (record,) = records_of(f"{HEADER},,\n{row}\n")
        with pytest.raises(InvalidRequestError, match="no column name"):
            cells_of(record)
    assert len(cells_of(*records_of(f"{HEADER},,\nalice,demo,1,2,,\n"))) == 4


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\n", "user_id is missing, as are room_id, starts_at, ends_at"),
        ("user_id;room_id;starts_at;ends_at\n", "semicolons were found"),
        ("user_id\troom_id\tstarts_at\tends_at\n", "tabs were found"),
        ("user_id|room_id|starts_at|ends_at\n", "vertical bars were found"),
        ("sep=;\n" + HEADER, "its first row is 'sep='"),
        (
            HEADER.replace("user_id", "UserID"),
            "user_id is missing; 'UserID' is not known; did you mean user_id",
        ),
        ("row,field,reason,user_id,room_id\n", "it is a list of bad rows"),
        (HEADER.removesuffix(",ends_at"), "ends_at is missing"),
        (HEADER + ",role", "'role' is not known"),
        (HEADER + ",strats_at", "'strats_at' is not known; did you mean starts_at"),
        (HEADER + ",user_id", "'user_id' is there twice"),
        (HEADER + ",\u00a0User_ID", "'User_ID' is not known; did you mean user_id"),
        (HEADER + ', "user_id"', "'user_id' is there twice"),
        (HEADER + '\n"alice,demo,1,2', "line 2: unexpected end of data"),
        (HEADER + "\n" + "x" * 200_000, "line 2: field larger than field limit"),
    ],
)
def test_a_file_that_is_no_roster(text: str, reason: str) -> None:
    with pytest.raises(RosterError, match=reason):
        records_of(text)


def test_a_row_with_a_backslash_is_bad_because_not_every_reader_keeps_it() -> None:
    (record,) = records_of(HEADER + "\nal\\ice,demo,1,2\n")
    with pytest.raises(InvalidRequestError, match="remove this backslash") as refused:
        cells_of(record)
    assert refused.value.field == "user_id"
    assert shown_ids(record) == ("al\\ice", "demo")


@pytest.mark.parametrize("text", ["", HEADER, HEADER + "\n\r\n\n"])
def test_a_table_without_rows_has_no_records(text: str) -> None:
    assert records_of(text) == []


def json_lines_of(text: str | bytes) -> list[object]:
    content = text if isinstance(text, bytes) else text.encode()
    return [record for _, record in read_records(as_text(io.BytesIO(content), "jsonl"), "jsonl")]


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
        ('[\n{"user_id": "alice"}\n]', "line 1 is not JSON.*one object in each line"),
        ('{}\n{"user_id": "a", "user_id": "b"}', "line 2 has the field 'user_id' twice"),
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
