"""The list of bad rows: read by people in a spreadsheet, run by none."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zego_service.provisioning.bad_rows import BadRow, errors_csv


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
    assert [row[3].replace("'", "") for row in rows] == [user.replace("'", "") for user in users]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|", "\n"])
@pytest.mark.parametrize("between", ["", " ", '"', '" "'])
def test_no_separator_of_a_spreadsheet_makes_a_formula(separator: str, between: str) -> None:
    for sign in "=+-@\uff1d":
        cell = f"x{separator}{between}{sign}1+1"

        table = errors_csv([bad_row(2, cell)])

        (row,) = list(csv.reader(io.StringIO(table, newline="")))[1:]
        assert row[3] == f"x{separator}{between}'{sign}1+1"


@given(st.lists(st.text("a=+-@;,|\t\"' \n\r", max_size=12), min_size=3, max_size=3), st.sampled_from(";,\t|"))
def test_no_spreadsheet_sees_a_formula_whatever_it_splits_at(cells: list[str], separator: str) -> None:
    table = errors_csv([BadRow(2, cells[0], cells[1], cells[2], "demo")])

    for line in table.splitlines():
        for cell in line.split(separator):
            assert not re.match("[\"' ]*[=+@-]", cell) or cell.lstrip('" ').startswith("'")


def test_every_cell_is_quoted() -> None:
    assert errors_csv([bad_row(2)]).splitlines() == [
        '"row","field","reason","user_id","room_id"',
        '"2","user_id","this is wrong","alice","demo"',
    ]
