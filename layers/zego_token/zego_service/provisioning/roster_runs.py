"""A run over a roster: batches of rows become grants; at the end, bad rows are listed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from zego_service.bucket import Bucket
from zego_service.clock import Instant
from zego_service.provisioning import announcements
from zego_service.provisioning.announcements import Announcements
from zego_service.provisioning.bad_rows import BadRow, errors_csv
from zego_service.provisioning.grants import Grants
from zego_service.provisioning.rooms import RosterEntry
from zego_service.provisioning.roster_cells import header_fault
from zego_service.provisioning.rosters import HEADER_ROW, Doubts, parse_row, row_number
from zego_service.settings import Settings

PREFIX = "results/"
MAX_LISTED = 100_000  # bad rows; with more, the whole file is wrong
_READERS = 16  # a run over a million rows leaves two thousand parts


@dataclass(frozen=True, slots=True)
class RosterRun:
    """One run over one roster; of two rosters, the one with the higher ``revision`` counts."""

    name: str
    key: str
    file_format: str
    revision: int


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How a run went.

    ``accepted`` says whether it reached the end, had rows, and had no more bad ones than are tolerated.
    """

    granted: int
    rejected: int
    accepted: bool
    errors_key: str


class RosterRuns:
    """Does runs over rosters. Methods raise :class:`zego_service.errors.UnavailableError`; then retry."""

    def __init__(self, grants: Grants, announced: Announcements, bucket: Bucket, settings: Settings) -> None:
        self._grants = grants
        self._announced = announced
        self._bucket = bucket
        self._settings = settings

    def add_batch(self, run: RosterRun, records: Sequence[tuple[int, object]]) -> tuple[int, int]:
        """Write the grants of these records, each with its index in the roster.

        Returns how many were granted, and how many were not. Blank rows are neither. The same batch again
        changes nothing.
        """
        fault = _header_fault(run, records)
        part = self._grant(run, records) if fault is None else _Part.of_wrong_header(fault, len(records))
        first = records[0][0] if records else 0
        self._bucket.put(f"{_parts(run)}{first:012d}.json", json.dumps(asdict(part)), "application/json")
        return part.granted, part.rejected

    def summarise(
        self, run: RosterRun, tolerated_bad_percent: int, now: Instant, *, failed: bool = False
    ) -> RunSummary:
        """Write the lists of bad rows and of warnings (the first ones of very many), and announce the run.

        A failed run is summarised as far as it came. It is not accepted.
        """
        granted = rejected = 0
        bad_rows: dict[BadRow, None] = {}  # a wrong header is in every part
        warnings: dict[BadRow, None] = {}
        for part in self._read_parts(run):
            granted += part.granted
            rejected += part.rejected
            bad_rows |= dict.fromkeys(part.bad_rows[: MAX_LISTED - len(bad_rows)])
            warnings |= dict.fromkeys(part.warnings[: MAX_LISTED - len(warnings)])
        errors_key = f"{PREFIX}{run.name}/errors.csv"
        self._bucket.put(errors_key, errors_csv(bad_rows), "text/csv")
        if warnings:
            self._bucket.put(f"{PREFIX}{run.name}/warnings.csv", errors_csv(warnings), "text/csv")
        rows = granted + rejected
        accepted = not failed and rows > 0 and rejected * 100 <= rows * tolerated_bad_percent
        summary = RunSummary(granted, rejected, accepted, errors_key)
        detail = {"roster": run.key, "run": run.name, **asdict(summary)}
        self._announced.once(f"roster {run.name}", announcements.ROSTER_PROVISIONED, detail, now)
        return summary

    def _grant(self, run: RosterRun, records: Sequence[tuple[int, object]]) -> "_Part":
        rows = [
            parse_row(row_number(index, run.file_format), record, run.revision, self._settings)
            for index, record in records
        ]
        entries = [row for row in rows if isinstance(row, RosterEntry)]
        bad_rows = [row for row in rows if isinstance(row, BadRow)]
        self._grants.add_roster(entries, run.revision)
        doubts = Doubts()
        warnings = [warning for entry in entries for warning in doubts.about(entry)]
        return _Part(len(entries), len(bad_rows), bad_rows, warnings)

    def _read_parts(self, run: RosterRun) -> Iterator["_Part"]:
        with ThreadPoolExecutor(_READERS) as readers:
            for text in readers.map(self._bucket.get, self._bucket.keys(_parts(run))):
                yield _Part.of_json(text)


@dataclass(frozen=True, slots=True)
class _Part:
    """What became of one batch."""

    granted: int
    rejected: int
    bad_rows: list[BadRow]
    warnings: list[BadRow]

    @classmethod
    def of_wrong_header(cls, fault: str, count: int) -> "_Part":
        """Every row is bad, for one reason."""
        return cls(0, count, [BadRow(HEADER_ROW, "header", fault, "", "")], [])

    @classmethod
    def of_json(cls, text: str | bytes) -> "_Part":
        part = json.loads(text)
        lists = {name: [BadRow(**row) for row in part[name]] for name in ("bad_rows", "warnings")}
        return cls(part["granted"], part["rejected"], **lists)


def _header_fault(run: RosterRun, records: Sequence[tuple[int, object]]) -> str | None:
    """What is wrong with the header of a CSV file, whose columns Step Functions writes into every record."""
    if run.file_format != "csv" or not records:
        return None
    faults = (header_fault(record) if isinstance(record, Mapping) else None for _, record in records)
    first = next(faults)
    return first if all(fault is not None for fault in faults) else None


def _parts(run: RosterRun) -> str:
    return f"{PREFIX}{run.name}/parts/"
