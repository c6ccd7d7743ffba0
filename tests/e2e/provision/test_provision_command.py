"""`make provision`, as a person types it."""

import csv
import json
import re
from pathlib import Path

import pytest

from tests.e2e.commands import make, too_long
from tests.e2e.provision_command import (
    BYTE_ORDER_MARK,
    HEADER,
    INTERRUPTED,
    NEVER_OPEN,
    WINDOW,
    Write,
    good_rows,
    on_terminal,
    provision,
    rows,
)
from tests.factories import ROOT


@pytest.mark.parametrize("name", ["roster.csv", "roster.jsonl"])
def test_a_roster_is_surveyed_and_run(name: str) -> None:
    # when a person runs a roster that the project ships
    done = make("provision", f"FILE=events/{name}")

    # then it says what is in it, and that all of it was granted
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert f"events/{name}: 3 rows: 3 good, 0 bad" in done.stdout
    assert re.search(r"rooms +2\n +users +3\n", done.stdout)
    assert "earliest start  2026-12-01 08:00:00Z" in done.stdout
    assert "latest end      2026-12-01 10:30:00Z" in done.stdout
    assert "3 granted, 0 rejected" in done.stdout

    # and neither logs nor metrics of the function
    assert "{" not in done.stdout
    assert not (ROOT / "events" / "roster.errors.csv").exists()


def test_files_as_spreadsheets_write_them_are_read(write: Write) -> None:
    text = rows(f'"O\'Neill,Sean"," room ",TRUE,,cam; screen,{WINDOW}', f"bob,room,,,,{WINDOW}", ",,,,,,", "")
    path = write(BYTE_ORDER_MARK + text.replace("\n", "\r\n").encode(), "my roster's.csv")

    done = provision(path)

    assert done.returncode == 0, done.stderr
    assert "2 rows: 2 good, 0 bad" in done.stdout
    assert "2 granted, 0 rejected" in done.stdout


def test_bad_rows_are_shown_and_listed_beside_the_roster(write: Write) -> None:
    # given bad rows of several kinds: a formula, an ambiguous backslash, a cell too many
    path = write(
        rows(
            f"alice,room,,,,{WINDOW}",
            f"=1+1,room,,,,{NEVER_OPEN}",
            f"CAMPUS\\bob,room,,,,{WINDOW}",
            f"carol,room,,,,{WINDOW},more",
            f"dave,room,maybe,,,{WINDOW}",
        )
    )

    # when
    done = provision(path)

    # then each has its number, its column and its reason, as in the list beside the roster
    assert "5 rows: 1 good, 4 bad" in done.stdout
    whole = re.sub(r"\n {23}", " ", done.stdout)  # long reasons go on in the next line
    shown = re.findall(r"^ +(\d+)  (\w+) +(.+)$", whole, re.MULTILINE)
    assert [entry[:2] for entry in shown] == [
        ("3", "ends_at"),
        ("4", "user_id"),
        ("5", "row"),
        ("6", "login"),
    ]
    assert "Step Functions would remove this backslash" in shown[1][2]
    assert "1 granted, 4 rejected" in done.stdout
    errors = path.with_name("roster.errors.csv")
    with errors.open(newline="") as file:
        listed = list(csv.DictReader(file))
    assert [(bad["row"], bad["field"], bad["reason"]) for bad in listed] == shown
    assert [bad["user_id"] for bad in listed] == ["'=1+1", "CAMPUS\\bob", "carol", "dave"]
    assert f"All bad rows are in {errors}.\n" in done.stdout
    assert [line for line in too_long(done.stdout + done.stderr) if str(path.parent) not in line] == []

    # and more than 5 % of the rows are bad, as the state machine would say
    assert done.returncode == 1
    assert "More than 5 % of the rows are bad" in done.stderr

    # and the list goes away with the bad rows
    assert provision(write(rows(*good_rows(1)))).returncode == 0
    assert [entry.name for entry in path.parent.iterdir()] == ["roster.csv"]


def test_a_backslash_in_json_lines_is_text(write: Write) -> None:
    starts_at, ends_at = WINDOW.split(",")
    row = {"user_id": "CAMPUS\\bob", "room_id": "room", "starts_at": starts_at, "ends_at": ends_at}

    done = provision(write(json.dumps(row).encode() + b"\r\n", "roster.jsonl"))

    assert done.returncode == 0, done.stderr
    assert "1 granted, 0 rejected" in done.stdout


def test_no_cell_controls_the_terminal(write: Write) -> None:
    # given ids that move the cursor or turn text round, half a character, and a column that names the window
    rows = (
        {"user_id": "eve\x1b[2J\u202e", "\x1b]0;owned\x07": "", "room_id": "\x9b31m"},
        {"user_id": "\ud800", "room_id": "\x9b31m"},
    )

    done = provision(write("\n".join(map(json.dumps, rows)), "roster.jsonl"))

    assert "\ufffd]0;owned\ufffd" in done.stdout
    assert "0 granted, 2 rejected" in done.stdout
    assert all(character.isprintable() or character == "\n" for character in done.stdout + done.stderr)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("roster.csv", rows(f"Zoë,room,,,,{WINDOW}").encode("latin-1"), "it is not UTF-8"),
        ("roster.csv", rows(*good_rows(1)).encode("utf-16"), "it is not UTF-8"),
        ("roster.jsonl", b'{"user_id": "\xff"}', "it is not UTF-8"),
        ("roster.csv", b"", "there are no rows in it"),
        ("roster.csv", HEADER.encode(), "there are no rows in it"),
        ("roster.jsonl", b"", "there are no rows in it"),
        ("roster.jsonl", b'{"user_id": "alice"}\n{"user_id"\n', "line 2 is not JSON"),
        ("roster.jsonl", BYTE_ORDER_MARK + b"{}", "byte order mark"),
        ("roster.csv", b"user_id,room_id,starts_at\n", "ends_at is missing"),
        ("roster.csv", HEADER.replace(",", ";").encode(), "semicolons were found"),
        ("roster.csv", f"{HEADER},email\n".encode(), "the column 'email' is not known"),
        ("roster.csv", f"{HEADER},login\n".encode(), "the column 'login' is there twice"),
        ("roster.csv", rows('"alice"x,room').encode(), "line 2: "),
        ("roster.csv", f"{HEADER}\n".encode(), "there are no rows in it"),
        ("roster.jsonl", b"\n\n", "there are no rows in it"),
        ("roster.xlsx", b"PK", "must end in .csv or .jsonl"),
        ("roster.csv", None, "No such file"),
    ],
)
def test_what_is_no_roster_is_told_in_a_line(
    tmp_path: Path, write: Write, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name if content is None else write(content, name)

    done = provision(path)

    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{path}: ")
    assert message in line


@pytest.mark.exploration
def test_thousands_of_rows_are_run(write: Write) -> None:
    count = 4_000

    done = provision(write(rows(*good_rows(count - 1), f"eve,room,,,,{NEVER_OPEN}")))

    assert done.returncode == 0, done.stderr
    assert "4,000 rows: 3,999 good, 1 bad" in done.stdout
    assert re.search(r"rooms +400\n +users +3,999\n", done.stdout)
    (bad,) = re.findall(r"^ +(\d+)  ends_at", done.stdout, re.MULTILINE)
    assert bad == "4001"
    assert "3,999 granted, 1 rejected" in done.stdout
    ((seconds, speed),) = re.findall(r"in (\S+) s, (\S+) rows a second", done.stdout)
    assert float(speed.replace(",", "")) == pytest.approx(count / float(seconds), rel=0.1)
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.exploration
@pytest.mark.parametrize("phase", ["Reading", "Granting"])
def test_ctrl_c_leaves_nothing_that_a_run_does_not_mend(phase: str, write: Write, tmp_path: Path) -> None:
    # given a large roster that is being read, or granted
    path = write(rows(*good_rows(60_000)))
    with on_terminal(tmp_path / "stdout", path) as running:
        running.wait_for(lambda: phase in running.terminal)

        # when Ctrl-C is pressed
        running.interrupt()

        # then it says what to do, and leaves the terminal as it was
        assert running.process.wait(timeout=30) == INTERRUPTED
        running.output.unlink()
    last = running.terminal.rstrip().splitlines()[-1]
    assert last.startswith("Stopped. Run it again")
    assert "Traceback" not in running.terminal
    assert running.terminal.rindex("\x1b[?25h") > running.terminal.rindex("\x1b[?25l")
    assert list(tmp_path.iterdir()) == [path]

    # and a run does what there is to do
    path.write_text(rows(*good_rows(10)))
    assert "10 granted, 0 rejected" in provision(path).stdout
