"""Rosters as files: read as a stream, as Step Functions would read them.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html
"""

import csv
import json
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import Any, BinaryIO, TextIO

from zego_service.provisioning.roster_cells import AmbiguousRow, LongRow, header_fault

MAX_ROW_BYTES = 190_000  # of a batch's 200,000, which also says whose rows they are
_MOST_BYTES = 4  # of a character in UTF-8
_MAX_SHOWN = 64


class RosterError(ValueError):
    """The file is not a roster."""


def as_text(file: BinaryIO, file_format: str) -> TextIOWrapper:
    """The text of a roster, as :func:`read_records` reads it."""
    if file_format == "jsonl":
        return TextIOWrapper(file, "utf-8", newline="\n")
    return TextIOWrapper(file, "utf-8-sig", newline="")


def read_records(file: TextIO, file_format: str) -> Iterator[tuple[int, object]]:
    """The records of a file of :func:`as_text`, each with its index; None for a row that is no record.

    Empty lines are left out, but counted, so that the index says which row a spreadsheet shows.
    Raises :class:`RosterError` where Step Functions could not read the file, or where it is not a roster.
    """
    return _json_lines(file) if file_format == "jsonl" else _csv_rows(file)


def _csv_rows(file: TextIO) -> Iterator[tuple[int, object]]:
    rows = csv.reader(file, strict=True)
    try:
        header = next(rows, None)
        if header is None:
            return
        fault = header_fault(header)
        if fault is not None:
            raise RosterError(fault)
        for index, cells in enumerate(rows):
            if cells:
                record = _record(header, cells)
                _check_size(rows.line_num, json.dumps(record, ensure_ascii=False))
                yield index, record
    except csv.Error as error:
        raise RosterError(f"line {rows.line_num}: {error}") from None


def _record(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """A row by its columns. Missing cells are empty, as Step Functions fills them in."""
    filled = [*cells, *[""] * (len(header) - len(cells))]
    record: dict[str, str] = {}
    for name, cell in zip(header, filled, strict=False):
        record[name] = record.get(name) or cell  # several columns may have no name
    if any(cell.strip() for cell in cells[len(header) :]):
        return LongRow(record)
    return AmbiguousRow(record) if any("\\" in cell for cell in record.values()) else record


def _json_lines(file: TextIO) -> Iterator[tuple[int, object]]:
    for index, line in enumerate(file):
        if line.strip("\r\n"):
            record = _json(index + 1, line)
            _check_size(index + 1, line)
            yield index, record if isinstance(record, dict) else None


def _json(number: int, line: str) -> object:
    if line.startswith("\ufeff"):
        raise RosterError("it begins with a byte order mark; save JSON Lines as UTF-8 without one")
    try:
        return json.loads(line, parse_constant=_refuse_constant, object_pairs_hook=_members)
    except _NamedTwiceError as twice:
        raise RosterError(f"line {number} has the field {twice} twice") from None
    except (ValueError, RecursionError):
        advice = "write each row as one object on a line of its own"
        if number == 1 and line.lstrip().startswith("["):
            advice = "it looks like a JSON array: write one object in each line, without brackets around them"
        raise RosterError(
            f"line {number} is not JSON, and Step Functions reads nothing of such a file; {advice}"
        ) from None


class _NamedTwiceError(ValueError):
    """An object of JSON has two members of one name."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise _NamedTwiceError(repr(next(name for name in names if names.count(name) > 1))[:_MAX_SHOWN])
    return members


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
