"""`make provision`, as a person types it."""

import csv
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from tests.e2e.commands import environment, make
from tests.factories import ROOT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HEADER = "user_id,room_id,login,publish,stream_ids,starts_at,ends_at"
WINDOW = "2026-12-01T09:00:00Z,2026-12-01T10:30:00Z"
NEVER_OPEN = "2026-12-01T09:00:00Z,2026-12-01T08:00:00Z"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BUCKET = "rosters-of-a-stack"
INTERRUPTED = 130
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Makes a file of this content."""

    def write(content: str | bytes, name: str = "roster.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows(*rows: str) -> str:
    return "".join(f"{row}\n" for row in (HEADER, *rows))


def good_rows(count: int) -> list[str]:
    return [f"user-{number},room-{number // 10},yes,no,,{WINDOW}" for number in range(count)]


def command(path: Path, *options: str) -> list[str]:
    """What the Makefile runs, so that nothing hides its exit status."""
    return [sys.executable, "-m", "local.provision", str(path), *options]


def shell(**variables: str) -> dict[str, str]:
    paths = (ROOT / "functions", ROOT / "layers" / "zego_token", ROOT)
    return environment(PYTHONPATH=os.pathsep.join(map(str, paths)), **variables)


def provision(path: Path, *options: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(path, *options),
        cwd=ROOT,
        env=shell(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@dataclass
class Aws:
    """An AWS on the loopback interface, where parts of uploads wait for ``release``."""

    url: str
    s3: "S3Client"
    part_began: threading.Event
    release: threading.Event
    requests: list[str] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.url, "NO_PROXY": "127.0.0.1"}

    def objects(self) -> list[str]:
        return [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]

    def unfinished_uploads(self) -> list[Any]:
        return list(self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ()))


@pytest.fixture
def aws() -> Iterator[Aws]:
    moto = DomainDispatcherApplication(create_backend_app)

    def application(request: dict[str, Any], start: Any) -> Any:
        made.requests.append(request["PATH_INFO"])
        if "partNumber" in parse_qs(request["QUERY_STRING"]):
            made.part_began.set()
            made.release.wait(timeout=60)
        return moto(request, start)

    server = make_server("127.0.0.1", 0, application, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    s3 = boto3.client("s3", endpoint_url=url)
    made = Aws(url, s3, threading.Event(), threading.Event())
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    yield made
    made.release.set()
    for key in made.objects():
        s3.delete_object(Bucket=BUCKET, Key=key)
    s3.delete_bucket(Bucket=BUCKET)
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class OnTerminal:
    """A command whose standard error is a terminal; its standard output goes to ``output``."""

    process: "subprocess.Popen[bytes]"
    output: Path
    written: bytearray

    def wait_for(self, seen: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not seen():
            assert self.process.poll() is None, self.terminal
            assert time.monotonic() < deadline, self.terminal
            time.sleep(0.01)

    @property
    def terminal(self) -> str:
        return self.written.decode(errors="replace")

    def interrupt(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)


@contextmanager
def on_terminal(output: Path, path: Path, *options: str, **variables: str) -> Iterator[OnTerminal]:
    master, slave = pty.openpty()
    written = bytearray()

    def read() -> None:
        try:
            while piece := os.read(master, 65_536):
                written.extend(piece)
        except OSError:  # the terminal was closed
            return

    with output.open("wb") as stdout:
        process = subprocess.Popen(
            command(path, *options),
            cwd=ROOT,
            env=shell(TERM="xterm", **variables),
            stdout=stdout,
            stderr=slave,
            start_new_session=True,
        )
    os.close(slave)
    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield OnTerminal(process, output, written)
    finally:
        process.kill()
        process.wait()
        reader.join()
        os.close(master)


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
    text = rows(f'"O\'Neill, ""Seán""","a room",TRUE,,cam;screen,{WINDOW}', f"bob,room,,,,{WINDOW}")
    path = write(BYTE_ORDER_MARK + text.replace("\n", "\r\n").encode(), "my roster's.csv")

    done = make("provision", f"FILE={path}")

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
    shown = re.findall(r"^ +(\d+)  (\w+) +(.+)$", done.stdout, re.MULTILINE)
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
    assert [bad["user_id"] for bad in listed] == ["'=1+1", "CAMPUS\\bob", "", "dave"]
    assert f"{errors}, which begins:" in done.stdout

    # and more than 5 % of the rows are bad, as the state machine would say
    assert done.returncode == 1
    assert "More than 5 % of the rows are bad" in done.stderr

    # and the list goes away with the bad rows
    assert provision(write(rows(*good_rows(1)))).returncode == 0
    assert [entry.name for entry in path.parent.iterdir()] == ["roster.csv"]


def test_a_backslash_in_json_lines_is_text(write: Write) -> None:
    starts_at, ends_at = WINDOW.split(",")
    row = {"user_id": "CAMPUS\\bob", "room_id": "room", "starts_at": starts_at, "ends_at": ends_at}

    done = provision(write(BYTE_ORDER_MARK + json.dumps(row).encode() + b"\r\n", "roster.jsonl"))

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
        ("roster.csv", b"", "user_id is missing"),
        ("roster.csv", b"user_id,room_id,starts_at\n", "ends_at is missing"),
        ("roster.csv", HEADER.replace(",", ";").encode(), "with commas between; user_id is missing"),
        ("roster.csv", f"{HEADER},email\n".encode(), "the column 'email' is not known"),
        ("roster.csv", f"{HEADER},login\n".encode(), "the column 'login' is not known, or is there twice"),
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Name a roster"),
        (("FILE=local",), "must end in .csv or .jsonl"),
        (("FILE=events/roster.csv", "APP_ID=0"), "APP_ID must be an integer from 1 to"),
        (("FILE=events/roster.csv", "TOLERATED=101"), "TOLERATED must be a percentage"),
    ],
)
def test_wrong_arguments_are_explained(arguments: tuple[str, ...], message: str) -> None:
    done = make("provision", *arguments)

    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_thousands_of_rows_are_run(write: Write) -> None:
    count = 4_000

    done = provision(write(rows(*good_rows(count - 1), f"eve,room,,,,{NEVER_OPEN}")))

    assert done.returncode == 0, done.stderr
    assert "4,000 rows: 3,999 good, 1 bad" in done.stdout
    assert re.search(r"rooms +400\n +users +3,999\n", done.stdout)
    (bad,) = re.findall(r"^ +(\d+)  ends_at", done.stdout, re.MULTILINE)
    assert bad == "4001"
    ((seconds, speed),) = re.findall(
        r"in (\S+) s, (\S+) rows a second: 3,999 granted, 1 rejected", done.stdout
    )
    assert float(speed.replace(",", "")) == pytest.approx(count / float(seconds), rel=0.1)
    assert "\x1b" not in done.stdout + done.stderr


def test_without_a_bucket_no_account_is_touched(aws: Aws) -> None:
    aws.requests.clear()

    done = provision(ROOT / "events" / "roster.csv", **aws.variables, AWS_ENDPOINT_URL_S3=aws.url)

    assert done.returncode == 0, done.stderr
    assert aws.requests == []


def test_with_a_bucket_the_exact_file_is_uploaded(aws: Aws, write: Write) -> None:
    content = BYTE_ORDER_MARK + rows(*good_rows(3)).replace("\n", "\r\n").encode()
    path = write(content)

    done = make("provision", f"FILE={path}", f"BUCKET={BUCKET}", **aws.variables)

    assert done.returncode == 0, done.stderr
    assert aws.objects() == ["rosters/roster.csv"]
    assert aws.s3.get_object(Bucket=BUCKET, Key="rosters/roster.csv")["Body"].read() == content
    assert f"Uploaded to s3://{BUCKET}/rosters/roster.csv." in done.stdout
    assert f"s3://{BUCKET}/results/" in done.stdout
    assert "granted," not in done.stdout


def test_more_bad_rows_than_tolerated_are_not_uploaded_unless_forced(aws: Aws, write: Write) -> None:
    # given one bad row of ten
    path = write(rows(*good_rows(9), f"eve,room,,,,{NEVER_OPEN}"))
    upload = ("provision", f"FILE={path}", f"BUCKET={BUCKET}")

    # then that is too many, and nothing is uploaded
    refused = make(*upload, **aws.variables)
    assert refused.returncode != 0
    assert "Not uploaded, because more than 5 % of its rows are bad" in refused.stderr
    assert make(*upload, "TOLERATED=9", **aws.variables).returncode != 0
    assert aws.objects() == []

    # unless it is tolerated, or forced
    assert make(*upload, "TOLERATED=10", **aws.variables).returncode == 0
    assert aws.objects() == ["rosters/roster.csv"]
    aws.s3.delete_object(Bucket=BUCKET, Key="rosters/roster.csv")
    assert make(*upload, "FORCE=1", **aws.variables).returncode == 0
    assert aws.objects() == ["rosters/roster.csv"]


@pytest.mark.parametrize(
    ("bucket", "message"), [("no-such-bucket", "NoSuchBucket"), ("no/bucket", "Invalid bucket name")]
)
def test_an_upload_that_fails_is_told_in_a_line(aws: Aws, bucket: str, message: str) -> None:
    done = provision(ROOT / "events" / "roster.csv", "--bucket", bucket, **aws.variables)

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Not uploaded: ")
    assert message in line


@pytest.mark.parametrize("phase", ["Reading", "Granting"])
def test_ctrl_c_leaves_nothing_that_a_run_does_not_mend(phase: str, write: Write, tmp_path: Path) -> None:
    # given a large roster that is being read, or granted
    path = write(rows(*good_rows(30_000)))
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


def test_ctrl_c_leaves_nothing_of_an_upload(aws: Aws, write: Write, tmp_path: Path) -> None:
    # given a roster of several parts, of which the first are under way
    starts_at, ends_at = WINDOW.split(",")
    streams = [f"{number:0255d}" for number in range(100)]
    row = {
        "user_id": "bob",
        "room_id": "room",
        "stream_ids": streams,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    path = write(f"{json.dumps(row)}\n" * 1000, "roster.jsonl")
    with on_terminal(tmp_path / "stdout", path, "--bucket", BUCKET, **aws.variables) as running:
        running.wait_for(aws.part_began.is_set)
        assert len(aws.unfinished_uploads()) == 1

        # when Ctrl-C is pressed
        running.interrupt()
        aws.release.set()

        # then nothing of it is in the bucket
        assert running.process.wait(timeout=30) == INTERRUPTED
    assert "Stopped. Run it again" in running.terminal
    assert "Traceback" not in running.terminal
    assert aws.unfinished_uploads() == []
    assert aws.objects() == []

    # and a run uploads it
    again = provision(path, "--bucket", BUCKET, **aws.variables)
    assert again.returncode == 0, again.stderr
    assert aws.s3.get_object(Bucket=BUCKET, Key="rosters/roster.jsonl")["Body"].read() == path.read_bytes()
