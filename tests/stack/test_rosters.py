"""A roster, from its upload through the deployed state machine to its list of bad rows."""

import csv
import io
import time

from tests.stack.deployed import Stack

HEADER = "user_id,room_id,publish,stream_ids,starts_at,ends_at"
ROWS = 1200
WIDE = 150  # rows of more than 4,000 bytes, of which a batch by numbers would be too large


def roster() -> str:
    """A thousand good rows; of the 1,200, every 60th is bad and the first ones are wide."""
    now = int(time.time())
    streams = ";".join(f"{number:0>40}" for number in range(100))
    lines = [HEADER]
    for number in range(ROWS):
        publish = "perhaps" if number % 60 == 59 else "true"
        lines.append(
            f"user-{number},lecture,{publish},{streams if number < WIDE else ''},{now - 60},{now + 3600}"
        )
    return "\n".join(lines) + "\n"


def test_a_roster_is_granted_but_for_its_bad_rows(stack: Stack) -> None:
    execution = stack.upload_roster("term.csv", roster())

    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    errors = stack.read(f"results/{execution['name']}/errors.csv")
    rows = list(csv.DictReader(io.StringIO(errors)))
    assert [int(row["row"]) for row in rows] == [number + 2 for number in range(59, ROWS, 60)]
    assert {row["field"] for row in rows} == {"publish"}

    # and those who are granted, the wide ones too, come in
    assert stack.call("POST", "/v1/rooms/lecture/tokens", {"user_id": "user-0"}).status == 200
    assert stack.call("POST", "/v1/rooms/lecture/tokens", {"user_id": f"user-{ROWS - 2}"}).status == 200
    assert stack.call("POST", "/v1/rooms/lecture/tokens", {"user_id": "user-59"}).status == 403


def test_a_file_that_is_no_roster_is_rejected_like_an_event(stack: Stack) -> None:
    before = {*stack.keys("rejected/")}

    execution = stack.upload_roster("term.xlsx", "PK")

    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    (key,) = {*stack.keys("rejected/")} - before
    assert "term.xlsx" in stack.read(key)
