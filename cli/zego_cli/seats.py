"""`zego-token batch`: a CSV file of seats, and the tokens for them."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TextIO

from zego_cli.errors import CommandError
from zego_cli.values import parse_duration
from zego_cli.wanted import Wanted

COLUMNS = ("user_id", "room_id", "publish", "stream_ids", "ttl", "name")
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0", ""}
_DELIMITERS = ",;\t"


class Seat(NamedTuple):
    """A row: its number as a spreadsheet shows it, its cells, and the token that it wants, or its fault."""

    row: int
    cells: dict[str, str]
    wanted: Wanted | None
    fault: str | None


def read_seats(text: str, defaults: Wanted) -> tuple[list[str], list[Seat]]:
    """The header and the rows. Raises :class:`CommandError` where the header is not one of seats."""
    first, _, _ = text.partition("\n")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise CommandError(f"row {reader.line_num} is not CSV: {error}") from None
    header = [name.strip().lower() for name in rows[0][1]] if rows else []
    unknown = [name for name in header if name not in COLUMNS]
    if "user_id" not in header or unknown or len(set(header)) < len(header):
        raise CommandError(
            f"the first row must name columns: user_id, and any of {', '.join(COLUMNS[1:])}"
            + (f"; not {unknown[0][:32]!r}" if unknown else "")
        )
    return header, [_seat(line, header, row, defaults) for line, row in rows[1:] if any(map(str.strip, row))]


def write_tokens(
    out: TextIO,
    header: list[str],
    seats: list[Seat],
    make_all: Callable[[Sequence[Wanted]], Iterator[dict[str, Any] | CommandError]],
    report: Callable[[str], None],
) -> Iterator[Seat]:
    """Write each seat with its token; yields each when it is done. Faults are reported and left out."""
    writer = csv.writer(out, lineterminator="\n")
    columns = [*header, "token", "expires_at"]
    is_kit = any(seat.wanted is not None and seat.wanted.is_kit for seat in seats)
    writer.writerow([*columns, "kit_token"] if is_kit else columns)
    made_all = make_all([seat.wanted for seat in seats if seat.wanted is not None])
    for seat in seats:
        fault = seat.fault
        if seat.wanted is not None:
            made = next(made_all)
            if isinstance(made, CommandError):
                fault = str(made)
            else:
                kit = [made["kit_token"]] if is_kit else []
                writer.writerow(
                    [*(seat.cells[name] for name in header), made["token"], made["expires_at"], *kit]
                )
        if fault is not None:
            report(f"row {seat.row}: {fault}")
            seat = seat._replace(fault=fault)  # noqa: PLW2901
        yield seat


def _seat(line: int, header: list[str], row: list[str], defaults: Wanted) -> Seat:
    cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
    if len(row) != len(header):
        return Seat(line, cells, None, f"it has {len(row)} cells, the first row has {len(header)}")
    try:
        return Seat(line, cells, _wanted(cells, defaults), None)
    except CommandError as error:
        return Seat(line, cells, None, str(error))


def _wanted(cells: dict[str, str], defaults: Wanted) -> Wanted:
    changes: dict[str, Any] = {"user_id": cells["user_id"]}
    if not cells["user_id"]:
        raise CommandError("user_id is empty")
    if cells.get("room_id"):
        changes["room_id"] = cells["room_id"]
    if cells.get("publish"):
        changes["publish"] = _boolean(cells["publish"])
    if cells.get("stream_ids"):
        changes["stream_ids"] = tuple(cells["stream_ids"].split(";"))
    if cells.get("ttl"):
        changes["seconds"] = parse_duration(cells["ttl"])
    if cells.get("name"):
        changes["name"] = cells["name"]
    wanted = replace(defaults, **changes)
    wanted.check()
    return wanted


def _boolean(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise CommandError(f"publish must be yes or no, not {text[:32]!r}")
    return text.lower() in _YES
