"""Whatever a spreadsheet writes: a row grants exactly what it says, the same by both ways in, or it is bad."""

import csv
import io
import re
from datetime import datetime
from typing import Any

from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from tests.factories import APP_ID
from tests.provisioning_events import ENDS_AT, STARTS_AT
from zego_service.provisioning.bad_rows import BadRow
from zego_service.provisioning.rooms import RosterEntry
from zego_service.provisioning.roster_cells import COLUMNS
from zego_service.provisioning.roster_text import RosterError, as_text, read_records
from zego_service.provisioning.rosters import parse_row, row_number
from zego_service.settings import Settings

SETTINGS = Settings(default_app_id=APP_ID)
EXPRESS = re.compile(r"[0-9a-zA-Z#!$%&()`'+\-;<=.>@^_~,\\*]+")  # as in the SDK
SPACES = st.sampled_from(["", "", "", " ", "\u00a0", "\t", "\u3000", "\r"])
IDS = st.sampled_from(
    [
        "alice",
        "4.91701E+11",
        "'00123",
        '="00123"',
        "=1+1",
        "1001.0",
        "a b",
        "Zoë",
        "auth0|1",
        "",
        "#REF!",
        "+49170",
    ]
) | st.text(max_size=70)
TIMES = st.sampled_from(
    ["2026-12-01T09:00:00+01:00", "2026-12-01 09:00:00Z", str(STARTS_AT), f"{ENDS_AT}.0", str(ENDS_AT), "46357",
     "46357.375", "20261201", "20261201110000Z", "01.12.2026 09:00", "12/1/2026 9:00", "", "2026-W49-2T09:00:00Z",
     "2026-12-01T09:00:00", "2026-12-01x09:00:00Z", str(STARTS_AT * 1000), "1.7961E+09"]
)  # fmt: skip
FLAGS = st.sampled_from(["true", "YES", "1", "false", "no", "0", "", "WAHR", "VRAI", "x", "TRUE ", "1.0"])
CELLS = {
    "user_id": IDS,
    "room_id": IDS,
    "login": FLAGS,
    "publish": FLAGS,
    "stream_ids": st.sampled_from(["", "s1", "s1;s2", "s1; s2", ";", "s 1", "s1,s2"]),
    "starts_at": TIMES,
    "ends_at": TIMES,
}
GOOD = {
    "user_id": "alice",
    "room_id": "demo",
    "login": "",
    "publish": "1",
    "stream_ids": "s1",
    "starts_at": str(STARTS_AT),
    "ends_at": str(ENDS_AT),
}
CHANGES = st.fixed_dictionaries(
    {}, optional={name: st.builds("{}{}{}".format, SPACES, cell, SPACES) for name, cell in CELLS.items()}
)


def from_file(row: dict[str, str]) -> Any:
    """What `make provision` makes of a row in a file."""
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerow(row)
    text = as_text(io.BytesIO(table.getvalue().encode("utf-8", "replace")), "csv")
    ((index, record),) = read_records(text, "csv")
    return parse_row(row_number(index, "csv"), record, STARTS_AT, SETTINGS)


def seconds_of(cell: str) -> int:
    """An independent reading of a time that may be granted."""
    if re.fullmatch(r"[0-9]+(\.0)?", cell):
        return int(float(cell))
    return int(datetime.fromisoformat(cell).timestamp())


@settings(max_examples=500)
@given(CHANGES)
@example(dict.fromkeys(CELLS, ""))
@example({})
def test_a_row_grants_what_it_says_or_nothing(changes: dict[str, str]) -> None:
    row = {name: changes.get(name, GOOD[name]) for name in COLUMNS}
    outcome = parse_row(2, row, STARTS_AT, SETTINGS)

    event(type(outcome).__name__)
    # Step Functions takes backslashes off, so that a file with one is another matter.
    if not any("\\" in cell for cell in row.values()) and "\ud800" not in "".join(row.values()):
        try:
            assert from_file(row) == outcome
        except (RosterError, UnicodeDecodeError):
            raise AssertionError(row) from None
    if not isinstance(outcome, RosterEntry):
        assert outcome is None or (isinstance(outcome, BadRow) and outcome.reason)
        assert outcome is not None or not "".join(row.values()).strip()
        return
    cells = {name: cell.strip() for name, cell in row.items()}
    participant, window = outcome.participant, outcome.window
    assert (participant.user_id, outcome.key.room_id) == (cells["user_id"], cells["room_id"])
    for written in (participant.user_id, outcome.key.room_id, *(participant.stream_ids or ())):
        assert EXPRESS.fullmatch(written)
        assert not written.startswith("'")
        assert not re.fullmatch(r"[0-9.]+E\+[0-9]+", written)
    assert (window.starts_at, window.ends_at) == (
        seconds_of(cells["starts_at"]),
        seconds_of(cells["ends_at"]),
    )
    assert participant.publish is (cells["publish"].lower() in ("true", "yes", "1"))
    assert participant.login is (cells["login"].lower() in ("true", "yes", "1", ""))
    streams = [stream_id.strip() for stream_id in cells["stream_ids"].split(";")]
    assert [*(participant.stream_ids or [""])] == streams
