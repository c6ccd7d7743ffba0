"""Rosters: tables of grants, a row for each user and room, as people make them with a spreadsheet.

CSV has the columns :data:`COLUMNS`, JSON Lines has the same names. The user, the room and the window
are needed; ``login`` is true and ``publish`` is false unless the row says otherwise.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from io import TextIOWrapper
from typing import Any, BinaryIO, TextIO

from zego_service.apps import configured_app
from zego_service.errors import InvalidRequestError
from zego_service.fields import LATEST, parse_room_id
from zego_service.names import check_known, required
from zego_service.provisioning.rooms import (
    ROSTER_SECONDS,
    RoomKey,
    RosterEntry,
    parse_participant,
    parse_window,
)
from zego_service.settings import Settings

COLUMNS = ("user_id", "room_id", "login", "publish", "stream_ids", "starts_at", "ends_at")
_OF_ROOM = ("room_id", "starts_at", "ends_at")
_NEEDED = ("user_id", "room_id", "starts_at", "ends_at")
FORMATS = ("csv", "jsonl")
NAME_RULE = "the name of a roster must end in .csv or .jsonl"
STREAM_SEPARATOR = ";"
_FIRST_ROW = {"csv": 2, "jsonl": 1}  # the first row of a CSV file is its header
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_MAX_SHOWN = 128
MAX_ROW_BYTES = 190_000  # of a batch's 200,000, which also says whose rows they are
_MOST_BYTES = 4  # of a character in UTF-8
# How a formula begins in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class RosterError(ValueError):
    """The file is not a roster."""


class AmbiguousRow(dict[str, str]):
    """A row of CSV with a backslash, which Step Functions would remove.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html
    """


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is left out: its number as a spreadsheet shows it, and why."""

    row: int
    field: str
    reason: str
    user_id: str
    room_id: str


def format_of(name: str) -> str | None:
    """The format that a file name or key ends in, in small letters or capitals; None without one."""
    return next((known for known in FORMATS if name.lower().endswith(f".{known}")), None)


def row_number(index: int, file_format: str) -> int:
    """The number of the row that is ``index`` after the first one."""
    return index + _FIRST_ROW[file_format]


def parse_row(row: int, record: object, uploaded_at: int, settings: Settings) -> RosterEntry | BadRow:
    """The grant of one record of a roster, which was uploaded at a Unix time, or what is wrong with it."""
    try:
        entry = _entry(row, _fields(record), settings)
        if entry.window.ends_at > uploaded_at + ROSTER_SECONDS:
            days = ROSTER_SECONDS // 86_400
            raise InvalidRequestError(f"ends_at must be within {days} days of the upload", "ends_at")
        return entry
    except InvalidRequestError as error:
        shown = record if isinstance(record, Mapping) else {}
        user_id, room_id = (_shown(shown.get(name)) for name in ("user_id", "room_id"))
        return BadRow(row, error.field or "row", str(error), user_id, room_id)


def read_records(file: TextIO, file_format: str) -> Iterator[object]:
    """The records of a file of :func:`as_text`; None for a row that is no record.

    Raises :class:`RosterError` where Step Functions could not read the file, or where it is not a roster.
    """
    return _json_lines(file) if file_format == "jsonl" else _csv_rows(file)


def as_text(file: BinaryIO, file_format: str) -> TextIOWrapper:
    """The text of a roster, as :func:`read_records` reads it."""
    if file_format == "jsonl":
        return TextIOWrapper(file, "utf-8", newline="\n")
    return TextIOWrapper(file, "utf-8-sig", newline="")


def errors_csv(bad_rows: Iterable[BadRow]) -> str:
    """The rejected rows, as a table whose cells spreadsheets read as text."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(field.name for field in fields(BadRow))
    for bad in sorted(bad_rows, key=lambda bad: bad.row):
        writer.writerow(_harmless(str(cell)) for cell in astuple(bad))
    return table.getvalue()


def _entry(row: int, cells: dict[str, Any], settings: Settings) -> RosterEntry:
    window = parse_window(cells)
    key = RoomKey(configured_app(None, settings), parse_room_id(required(cells, "room_id")))
    about_user = {name: cell for name, cell in cells.items() if name not in _OF_ROOM}
    return RosterEntry(row, key, parse_participant(about_user), window)


def _fields(record: object) -> dict[str, Any]:
    """The cells as JSON would have them. Empty cells are left out."""
    if not isinstance(record, Mapping):
        raise InvalidRequestError("this is not a row with the columns of the header", "row")
    if isinstance(record, AmbiguousRow):
        column = next(name for name, cell in record.items() if "\\" in cell)
        raise InvalidRequestError(
            "Step Functions would remove this backslash; use JSON Lines for ids with one", _column(column)
        )
    cells = {}
    for name, value in record.items():
        column = _column(name)
        check_known([column], COLUMNS, "column")
        cell = value.rstrip("\r") if isinstance(value, str) else value
        if cell not in ("", None):
            cells[column] = _typed(column, cell) if isinstance(cell, str) else cell
    return cells


def _typed(column: str, text: str) -> Any:
    if column in ("login", "publish"):
        return _BOOLEANS.get(text.lower(), text)
    if column == "stream_ids":
        return text.split(STREAM_SEPARATOR)
    is_seconds = text.isascii() and text.isdecimal() and len(text) <= len(str(LATEST))
    return int(text) if is_seconds and column in ("starts_at", "ends_at") else text


def _column(name: str) -> str:
    # A byte order mark or a carriage return may be left of the file that the row comes from.
    return name.strip('\ufeff" \r')


def _check_header(header: Sequence[str]) -> None:
    columns = [_column(name) for name in header]
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise RosterError(
            f"its first row must name the columns, with commas between; {missing[0]} is missing"
        )
    wrong = [name for name in columns if name not in COLUMNS or columns.count(name) > 1]
    if wrong:
        raise RosterError(
            f"the column {wrong[0][:_MAX_SHOWN]!r} is not known, or is there twice; "
            f"known are {', '.join(COLUMNS)}"
        )


def _record(header: Sequence[str], cells: Sequence[str]) -> dict[str, str] | None:
    if len(cells) != len(header):
        return None
    record = dict(zip(header, cells, strict=True))
    return AmbiguousRow(record) if any("\\" in cell for cell in cells) else record


def _shown(value: object) -> str:
    # Not a list, which may be nested too deeply to be written.
    return str(value)[:_MAX_SHOWN] if isinstance(value, str | int | float) else ""


def _csv_rows(file: TextIO) -> Iterator[object]:
    rows = csv.reader(file, strict=True)
    try:
        header = next(rows, None)
        if header is None:
            return
        _check_header(header)
        for cells in rows:
            if cells:
                record = _record(header, cells)
                _check_size(rows.line_num, json.dumps(record, ensure_ascii=False))
                yield record
    except csv.Error as error:
        raise RosterError(f"line {rows.line_num}: {error}") from None


def _json_lines(file: TextIO) -> Iterator[object]:
    for number, line in enumerate(file, start=1):
        if line.strip("\r\n"):
            record = _json(number, line)
            _check_size(number, line)
            yield record if isinstance(record, dict) else None


def _json(number: int, line: str) -> object:
    if line.startswith("\ufeff"):
        raise RosterError("it begins with a byte order mark; save JSON Lines as UTF-8 without one")
    try:
        return json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise RosterError(
            f"line {number} is not JSON, and Step Functions reads nothing of such a file; "
            "write each row as one object on a line of its own"
        ) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity, which Python takes for JSON


def _check_size(number: int, row: str) -> None:
    """Refuse a row that no batch can carry, in JSON."""
    if len(row) * _MOST_BYTES <= MAX_ROW_BYTES:  # most rows need not be encoded
        return
    size = len(row.encode("utf-8", "surrogatepass"))
    if size > MAX_ROW_BYTES:
        raise RosterError(
            f"the row in line {number} has {size:,} bytes; at most {MAX_ROW_BYTES:,} are possible"
        )


def _harmless(cell: str) -> str:
    text = cell.encode(errors="replace").decode()  # JSON may have halves of characters, which UTF-8 has not
    return f"'{text}" if text.startswith(_FORMULA) else text
