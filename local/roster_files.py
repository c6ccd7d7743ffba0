"""Rosters as files on this machine: read as a stream, and surveyed."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from zego_service.fields import LATEST
from zego_service.provisioning.rooms import RosterEntry
from zego_service.provisioning.rosters import (
    NAME_RULE,
    BadRow,
    RosterError,
    as_text,
    format_of,
    parse_row,
    read_records,
    row_number,
)
from zego_service.settings import Settings

BATCH = 500  # as in the state machine
SHOWN_BAD_ROWS = 20


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
            records = enumerate(read_records(text, roster.file_format))
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

    @property
    def rows(self) -> int:
        return self.good + self.bad

    def add(self, roster: RosterFile, batch: Batch, settings: Settings) -> None:
        for index, record in batch.records:
            row = parse_row(row_number(index, roster.file_format), record, self.at, settings)
            if isinstance(row, RosterEntry):
                self._add_good(row)
            else:
                self.bad += 1
                self.first_bad += [row][: SHOWN_BAD_ROWS - len(self.first_bad)]

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
        if self.first_bad:
            lines += ["", "The bad rows:" if self.bad == len(self.first_bad) else "The first bad rows:"]
            lines.append(f"{'row':>9}  {'column':<10}  reason")
            lines += [f"{bad.row:>9}  {shown(bad.field):<10}  {shown(bad.reason)}" for bad in self.first_bad]
        return "\n".join(lines)

    def _add_good(self, row: RosterEntry) -> None:
        self.good += 1
        self.rooms.add(row.key.room_id)
        self.users.add(row.participant.user_id)
        self.starts_at = min(self.starts_at, row.window.starts_at)
        self.ends_at = max(self.ends_at, row.window.ends_at)


def shown(text: str) -> str:
    """The text without control characters, which could change a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
