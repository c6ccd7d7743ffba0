"""A run over a roster: batches of rows become grants; at the end, bad rows are listed."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from zego_service.bucket import Bucket
from zego_service.clock import Instant
from zego_service.provisioning import announcements
from zego_service.provisioning.announcements import Announcements
from zego_service.provisioning.grants import Grants
from zego_service.provisioning.rosters import BadRow, errors_csv, parse_row, row_number
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

        Returns how many were granted, and how many were not. The same batch again changes nothing.
        """
        rows = [
            parse_row(row_number(index, run.file_format), record, run.revision, self._settings)
            for index, record in records
        ]
        entries = [row for row in rows if not isinstance(row, BadRow)]
        bad_rows = [asdict(row) for row in rows if isinstance(row, BadRow)]
        self._grants.add_roster(entries, run.revision)
        part = {"granted": len(entries), "bad_rows": bad_rows}
        first = records[0][0] if records else 0
        self._bucket.put(f"{_parts(run)}{first:012d}.json", json.dumps(part), "application/json")
        return len(entries), len(bad_rows)

    def summarise(
        self, run: RosterRun, tolerated_bad_percent: int, now: Instant, *, failed: bool = False
    ) -> RunSummary:
        """Write the list of bad rows (the first ones of very many), and announce the run.

        A failed run is summarised as far as it came. It is not accepted.
        """
        granted = rejected = 0
        listed: list[BadRow] = []
        for part in self._read_parts(run):
            granted += part["granted"]
            rejected += len(part["bad_rows"])
            listed += [BadRow(**row) for row in part["bad_rows"][: MAX_LISTED - len(listed)]]
        errors_key = f"{PREFIX}{run.name}/errors.csv"
        self._bucket.put(errors_key, errors_csv(listed), "text/csv")
        rows = granted + rejected
        accepted = not failed and rows > 0 and rejected * 100 <= rows * tolerated_bad_percent
        summary = RunSummary(granted, rejected, accepted, errors_key)
        detail = {"roster": run.key, "run": run.name, **asdict(summary)}
        self._announced.once(f"roster {run.name}", announcements.ROSTER_PROVISIONED, detail, now)
        return summary

    def _read_parts(self, run: RosterRun) -> Iterator[dict[str, Any]]:
        with ThreadPoolExecutor(_READERS) as readers:
            yield from map(json.loads, readers.map(self._bucket.get, self._bucket.keys(_parts(run))))


def _parts(run: RosterRun) -> str:
    return f"{PREFIX}{run.name}/parts/"
