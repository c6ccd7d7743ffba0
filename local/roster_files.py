"""Rosters as files on this machine: read as a stream, and surveyed."""

import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from local.terminal import WIDTH
from zego_service.fields import LATEST
from zego_service.provisioning.bad_rows import BadRow
from zego_service.provisioning.rooms import RosterEntry
from zego_service.provisioning.roster_text import RosterError, as_text, read_records
from zego_service.provisioning.rosters import NAME_RULE, Doubts, format_of, parse_row, row_number
from zego_service.settings import Settings

BATCH = 500  # as in the state machine
SHOWN_ROWS = 20  # of the bad ones, and of those with a warning


@dataclass(frozen=True)
class RosterFile:
    """A file with a roster's extension."""

    path: Path

    def __post_init__(self) -> None:
        """Refuse what the state machine refuses."""
        if not self.file_format:
            raise RosterError(NAME_RULE)

    @property
    def file_format(self) -> str:
        return format_of(self.path.name) or ""

    @property
    def errors_path(self) -> Path:
        return self.path.with_name(f"{self.path.stem}.errors.csv")

    def size(self) -> int:
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise RosterError(str(error.strerror)) from None


@dataclass(frozen=True)
class Batch:
    """Some records, each with its index, and the number of bytes that they took in the file."""

    records: list[tuple[int, object]]
    size: int


def batches(roster: RosterFile) -> Iterator[Batch]:
    """A roster in batches. Raises :class:`RosterError` if it cannot be read."""
    try:
        with roster.path.open("rb") as file, as_text(file, roster.file_format) as text:
            records = read_records(text, roster.file_format)
            position = 0
            while piece := list(islice(records, BATCH)):
                yield Batch(piece, file.tell() - position)
                position = file.tell()
    except UnicodeDecodeError:
        raise RosterError("it is not UTF-8; a spreadsheet saves that as “CSV UTF-8”") from None
    except OSError as error:
        raise RosterError(str(error.strerror)) from None


@dataclass
class Survey:
    """A roster's counts, its bounds, and the first bad rows."""

    at: int = field(default_factory=lambda: int(time.time()))
    good: int = 0
    bad: int = 0
    rooms: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    starts_at: int = LATEST
    ends_at: int = 0
    first_bad: list[BadRow] = field(default_factory=list)
    warnings: int = 0
    first_warnings: list[BadRow] = field(default_factory=list)
    doubts: Doubts = field(default_factory=Doubts)

    @property
    def rows(self) -> int:
        return self.good + self.bad

    def add(self, roster: RosterFile, batch: Batch, settings: Settings) -> None:
        for index, record in batch.records:
            row = parse_row(row_number(index, roster.file_format), record, self.at, settings)
            if isinstance(row, RosterEntry):
                self._add_good(row)
            elif isinstance(row, BadRow):
                self.bad += 1
                self.first_bad += [row][: SHOWN_ROWS - len(self.first_bad)]

    def tolerates(self, percent: int) -> bool:
        """Whether the state machine would succeed."""
        return self.bad * 100 <= self.rows * percent

    def __str__(self) -> str:
        lines = [f"{self.rows:,} rows: {self.good:,} good, {self.bad:,} bad"]
        if self.good:
            lines += [
                f"  rooms           {len(self.rooms):,}",
                f"  users           {len(self.users):,}",
                f"  earliest start  {_time(self.starts_at)}",
                f"  latest end      {_time(self.ends_at)}",
            ]
        lines += _listed("bad rows", self.bad, self.first_bad)
        lines += _listed("warnings", self.warnings, self.first_warnings)
        return "\n".join(lines)

    def _add_good(self, row: RosterEntry) -> None:
        self.good += 1
        self.rooms.add(row.key.room_id)
        self.users.add(row.participant.user_id)
        self.starts_at = min(self.starts_at, row.window.starts_at)
        self.ends_at = max(self.ends_at, row.window.ends_at)
        for warning in self.doubts.about(row):
            self.warnings += 1
            self.first_warnings += [warning][: SHOWN_ROWS - len(self.first_warnings)]


def shown(text: str) -> str:
    """The text without control characters, which could change a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _listed(what: str, count: int, first: list[BadRow]) -> list[str]:
    if not first:
        return []
    title = f"The {what}:" if count == len(first) else f"The first {what} of {count:,}:"
    rows = [line for row in first for line in _row(str(row.row), shown(row.field), shown(row.reason))]
    return ["", title, *_row("row", "column", "reason"), *rows]


def _row(number: str, column: str, reason: str) -> list[str]:
    """A row of the list; a long reason goes on below its begin."""
    first = f"{number:>9}  {column:<10}  "
    return textwrap.wrap(reason, WIDTH, initial_indent=first, subsequent_indent=" " * len(first))


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
