"""Rosters as people really have them, in `tests/cases`: from the file, and as Step Functions hands it over."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.roster_files import RosterFile, Survey, batches
from tests.deployment import Deployment
from tests.factories import APP_ID, ROOT
from tests.provisioning_events import roster_batch, roster_end
from zego_service.provisioning.rooms import Participant
from zego_service.provisioning.roster_text import RosterError
from zego_service.rfc3339 import unix_seconds
from zego_service.settings import Settings

CASES = ROOT / "tests/cases"
UPLOADED_AT = "2026-11-25T09:00:00Z"
SETTINGS = Settings(default_app_id=APP_ID)
# Of each file: good rows, bad rows as (row, column, part of the reason), and warnings in the same way.
Rows = list[tuple[int, str, str]]
READ: dict[str, tuple[int, Rows, Rows]] = {
    "compact_time.csv": (0, [(2, "starts_at", "not of this form")], []),
    "excel_sci_ids.csv": (0, [(row, "user_id", "a spreadsheet shortened this number") for row in (2, 3, 4)], []),
    "serial_days.csv": (0, [(2, "starts_at", "before the year 2000")], []),
    "excel_dates.csv": (0, [(2, "starts_at", "not of this form"), (3, "starts_at", "not of this form")], []),
    "jackson_seconds.jsonl": (1, [], []),
    "trailing_commas.csv": (1, [], []),
    "short_rows.csv": (30, [], []),
    "header_space.csv": (1, [], []),
    "bom_bad_row.csv": (0, [(2, "ends_at", "must be after starts_at")], []),
    "blank_line_middle.csv": (1, [(4, "room_id", "room_id is required")], []),
    "trailing_header_comma.csv": (1, [], []),
    "apostrophe.csv": (0, [(2, "user_id", "begins with an apostrophe"), (3, "user_id", "is a formula")], []),
    "plus_phone.csv": (0, [(2, "ends_at", "must be after starts_at")], []),
    "wahr.csv": (0, [(2, "publish", 'true or false, yes or no, 1 or 0, not "WAHR"'), (3, "publish", '"FALSCH"')], []),
    "two_sessions.csv": (2, [], [(3, "user_id", "row 2 has the same user and room")]),
    "pandas_float_ids_iso.csv": (1, [], [(2, "user_id", "written with a point")]),
}  # fmt: skip
# Of each file that is no roster: part of the reason.
REFUSED = {
    "semicolon.csv": "semicolons were found",
    "tab.csv": "tabs were found",
    "sep_line.csv": "'sep='",
    "array.jsonl": "one object in each line",
    "zoom.csv": "user_id is missing, as are room_id, starts_at, ends_at",
    "canvas.csv": "user_id is missing",
    "moodle.csv": "user_id is missing",
    "classroom.csv": "user_id is missing",
    "cp1252.csv": "it is not UTF-8",
    "utf16_tab.csv": "it is not UTF-8",
}
READ_AS_CSV = [name for name in READ if name.endswith(".csv")]


def test_every_case_is_here() -> None:
    assert {path.name for path in CASES.iterdir() if path.suffix != ".json"} == {*READ, *REFUSED}


def surveyed(path: Path) -> Survey:
    survey = Survey(at=unix_seconds(UPLOADED_AT))
    roster = RosterFile(path)
    for batch in batches(roster):
        survey.add(roster, batch, SETTINGS)
    return survey


def by_step_functions(path: Path) -> Iterator[dict[str, str]]:
    """Records as the documentation of Distributed Maps describes them: short rows filled, long ones cut.

    A byte order mark stays where it is, and so do quotes after it.
    """
    text = path.read_bytes().decode(errors="replace")
    header, *rows = [cells for cells in csv.reader(io.StringIO(text, newline="")) if cells]
    for cells in rows:
        yield dict(zip(header, [*cells, *[""] * len(header)], strict=False))


def granted(deployment: Deployment, path: Path) -> tuple[dict[str, object], list[list[str]], list[list[str]]]:
    """The summary of a run over these records, its bad rows, and its warnings."""
    records = dict(enumerate(by_step_functions(path)))
    deployment(roster_batch(records, uploaded_at=UPLOADED_AT))
    summary = deployment(roster_end(uploaded_at=UPLOADED_AT))
    objects = deployment.objects("results/run-1/")
    lists = [
        list(csv.reader(io.StringIO(objects.get(f"results/run-1/{name}.csv", ""), newline="")))[1:]
        for name in ("errors", "warnings")
    ]
    return summary, lists[0], lists[1]


def describes(found: object, expected: Rows, *, with_row: bool = True) -> bool:
    rows = [(int(row), field, reason) for row, field, reason in found]  # type: ignore[attr-defined]
    return len(rows) == len(expected) and all(
        (row == wanted or not with_row) and field == column and part in reason
        for (row, field, reason), (wanted, column, part) in zip(rows, expected, strict=True)
    )


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_as_its_owner_expects(name: str) -> None:
    good, bad, warnings = READ[name]

    survey = surveyed(CASES / name)

    assert (survey.good, survey.bad, survey.warnings) == (good, len(bad), len(warnings)), str(survey)
    assert describes([(row.row, row.field, row.reason) for row in survey.first_bad], bad), survey.first_bad
    found = [(row.row, row.field, row.reason) for row in survey.first_warnings]
    assert describes(found, warnings), survey.first_warnings


@pytest.mark.parametrize("name", READ_AS_CSV)
def test_step_functions_gets_the_same_answer(deployment: Deployment, name: str) -> None:
    good, bad, warnings = READ[name]

    summary, errors, listed = granted(deployment, CASES / name)

    assert (summary["granted"], summary["rejected"]) == (good, len(bad))
    # Of blank lines it knows nothing, so that row numbers after them differ.
    with_row = name != "blank_line_middle.csv"
    assert describes([row[:3] for row in errors], bad, with_row=with_row), errors
    assert describes([row[:3] for row in listed], warnings), listed


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_roster_is_refused_with_one_reason(name: str) -> None:
    with pytest.raises(RosterError) as refused:
        surveyed(CASES / name)

    assert REFUSED[name] in str(refused.value)


@pytest.mark.parametrize(
    "name", ["semicolon.csv", "tab.csv", "sep_line.csv", "zoom.csv", "canvas.csv", "moodle.csv"]
)
def test_over_step_functions_a_wrong_header_is_one_reason_and_not_one_a_row(
    deployment: Deployment, name: str
) -> None:
    summary, errors, _ = granted(deployment, CASES / name)

    assert (summary["granted"], summary["accepted"]) == (0, False)
    assert summary["rejected"]
    (only,) = errors
    assert (only[0], only[1]) == ("1", "header")
    assert REFUSED[name] in only[2]


def test_our_own_list_of_bad_rows_is_no_roster(deployment: Deployment, tmp_path: Path) -> None:
    # given the list of a run with a bad row
    granted(deployment, CASES / "plus_phone.csv")
    path = tmp_path / "errors.csv"
    path.write_text(deployment.objects("results/run-1/errors.csv")["results/run-1/errors.csv"])

    # when it is taken for a roster, either way
    with pytest.raises(RosterError, match="it is a list of bad rows"):
        surveyed(path)
    _, errors, _ = granted(deployment, path)

    # then it is told so
    assert ["1", "header"] in [row[:2] for row in errors]


def test_the_user_of_a_bad_row_is_named_although_a_byte_order_mark_hides_its_column(
    deployment: Deployment,
) -> None:
    _, ((*_, user_id, room_id),), _ = granted(deployment, CASES / "bom_bad_row.csv")

    assert (user_id, room_id) == ("alice", "maths")


def test_the_good_rows_are_granted_with_their_window(deployment: Deployment) -> None:
    granted(deployment, CASES / "header_space.csv")

    (grant,) = deployment.listed("maths", 10)
    assert grant.participant == Participant(user_id="alice")
    assert (grant.window.starts_at, grant.window.ends_at) == (1_796_112_000, 1_796_115_600)
