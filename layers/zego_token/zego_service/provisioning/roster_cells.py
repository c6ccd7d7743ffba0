"""The cells of a roster's row, made uniform: the same from a file, and from Step Functions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from zego_service.errors import InvalidRequestError
from zego_service.names import check_known, shown, unknown
from zego_service.provisioning.bad_rows import ERRORS_COLUMNS

COLUMNS = ("user_id", "room_id", "login", "publish", "stream_ids", "starts_at", "ends_at")
_NEEDED = ("user_id", "room_id", "starts_at", "ends_at")
_MAX_SHOWN = 128
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# All that str.strip() takes off, and a byte order mark.
_EDGES = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\ufeff"


class AmbiguousRow(dict[str, str]):
    """A row of CSV with a backslash, which Step Functions would remove."""


class LongRow(dict[str, str]):
    """A row of CSV with more cells than the header, which Step Functions would drop."""


def cells_of(record: object) -> dict[str, Any]:
    """The cells of a record by their columns, trimmed. Empty cells are left out, so a blank row has none.

    Raises :class:`InvalidRequestError` for cells that belong to no column, or of which Step Functions would
    make something else.
    """
    if not isinstance(record, Mapping):
        raise InvalidRequestError("this is not a row with the columns of the header", "row")
    if isinstance(record, LongRow):
        raise InvalidRequestError("the row has more cells than the header; Step Functions drops them", "row")
    if isinstance(record, AmbiguousRow):
        column = next(name for name, cell in record.items() if "\\" in cell)
        raise InvalidRequestError(
            "Step Functions would remove this backslash; use JSON Lines for ids with one", column_of(column)
        )
    cells: dict[str, Any] = {}
    for name, value in record.items():
        column, cell = column_of(name), value.strip(_EDGES) if isinstance(value, str) else value
        if column:
            check_known([column], COLUMNS, "column")
        if cell in ("", None):
            continue
        if not column:
            raise InvalidRequestError("a cell has no column name above it", "row")
        if column in cells:
            raise InvalidRequestError("this column is there twice", column)
        cells[column] = cell
    return cells


def is_blank(record: object) -> bool:
    """Whether a row has columns but nothing in them, as spreadsheets write rows that were cleared."""
    if not isinstance(record, Mapping) or not record:
        return False
    cells = record.values()
    return not any(cell.strip(_EDGES) if isinstance(cell, str) else cell is not None for cell in cells)


def shown_ids(record: object) -> tuple[str, str]:
    """User and room of a record that may be bad, as far as they can be shown."""
    found = {"user_id": "", "room_id": ""}
    for name, value in record.items() if isinstance(record, Mapping) else ():
        # Not a list, which may be nested too deeply to be written.
        if column_of(name) in found and isinstance(value, str | int | float):
            found[column_of(name)] = str(value).strip(_EDGES)[:_MAX_SHOWN]
    return found["user_id"], found["room_id"]


def header_fault(header: Iterable[str]) -> str | None:
    """Why these columns are not those of a roster; None where they are. Nameless columns do not count."""
    columns = [column for column in map(column_of, header) if column]
    if {"row", "field", "reason"} <= set(columns) <= set(ERRORS_COLUMNS):
        return "it is a list of bad rows; correct them in your own roster, and use that"
    if columns and columns[0].lower().startswith("sep="):
        return "its first row is 'sep=', which only Excel understands; remove that row"
    missing = [name for name in _NEEDED if name not in columns]
    wrong = next((name for name in columns if name not in COLUMNS), None)
    if missing:
        others = f", as are {', '.join(missing[1:])}" if missing[1:] else ""
        return (
            f"its first row must name the columns, with commas between; {missing[0]} is missing{others}"
            f"{_found_instead(columns, wrong)}"
        )
    if wrong is not None:
        known = f"known are {', '.join(COLUMNS)}"
        return f"the column {shown(wrong)!r} is not known{_meant(wrong) or '; ' + known}"
    twice = [name for name, count in Counter(columns).items() if count > 1]
    return f"the column {twice[0]!r} is there twice" if twice else None


def column_of(name: str) -> str:
    """The name of a column without what a file from Windows may leave of quotes, marks and line ends."""
    return name.strip(_EDGES + '"')


def _found_instead(columns: list[str], wrong: str | None) -> str:
    """What stands there in place of a column that is missing."""
    for separator, words in _SEPARATORS.items():
        if any(separator in column for column in columns):
            return f"; {words} were found between the names: save it as CSV with commas"
    return f"; {shown(wrong)!r} is not known{_meant(wrong)}" if wrong is not None and _meant(wrong) else ""


def _meant(column: str) -> str:
    """The hint which column was meant, if one resembles it."""
    _, semicolon, hint = unknown(column, COLUMNS).detail.partition(";")
    return semicolon + hint
