"""`make provision BUCKET=…`, as a person types it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.commands import make
from tests.e2e.provision_command import (
    BUCKET,
    BYTE_ORDER_MARK,
    HEADER,
    INTERRUPTED,
    NEVER_OPEN,
    WINDOW,
    Aws,
    Write,
    good_rows,
    on_terminal,
    provision,
    rows,
)
from tests.factories import ROOT

if TYPE_CHECKING:
    import subprocess


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


@pytest.mark.parametrize(
    ("name", "content"),
    [("roster.jsonl", '{"user_id": "alice"}\n{oops\n'), ("roster.jsonl", ""), ("roster.CSV", HEADER)],
)
def test_what_step_functions_could_not_read_is_not_uploaded_by_force_either(
    aws: Aws, write: Write, name: str, content: str
) -> None:
    path = write(content, name)

    done = provision(path, BUCKET=BUCKET, FORCE="1", TOLERATED="100", **aws.variables)

    assert done.returncode != 0
    assert str(path) in done.stderr
    assert aws.objects() == []


def test_capitals_in_a_name_are_taken(aws: Aws, write: Write) -> None:
    path = write(rows(*good_rows(2)), "ROSTER.CSV")

    assert "2 granted, 0 rejected" in provision(path).stdout
    assert provision(path, BUCKET=BUCKET, **aws.variables).returncode == 0
    assert aws.objects() == ["rosters/ROSTER.CSV"]


def test_more_bad_rows_than_tolerated_are_not_uploaded_unless_forced(aws: Aws, write: Write) -> None:
    # given one bad row of ten
    path = write(rows(*good_rows(9), f"eve,room,,,,{NEVER_OPEN}"))

    def upload(**variables: str) -> "subprocess.CompletedProcess[str]":
        return provision(path, BUCKET=BUCKET, **variables, **aws.variables)

    # then that is too many, and nothing is uploaded
    refused = upload()
    assert refused.returncode != 0
    assert "Not uploaded, because more than 5 % of its rows are bad" in refused.stderr
    assert upload(TOLERATED="9").returncode != 0
    assert aws.objects() == []

    # unless it is tolerated, or forced
    assert upload(TOLERATED="10").returncode == 0
    assert aws.objects() == ["rosters/roster.csv"]
    aws.s3.delete_object(Bucket=BUCKET, Key="rosters/roster.csv")
    assert upload(FORCE="1").returncode == 0
    assert aws.objects() == ["rosters/roster.csv"]


@pytest.mark.parametrize(
    ("bucket", "message"), [("no-such-bucket", "NoSuchBucket"), ("no/bucket", "Invalid bucket name")]
)
def test_an_upload_that_fails_is_told_in_a_line(aws: Aws, bucket: str, message: str) -> None:
    done = provision(ROOT / "events" / "roster.csv", BUCKET=bucket, **aws.variables)

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Not uploaded: ")
    assert message in line


@pytest.mark.exploration
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
    with on_terminal(tmp_path / "stdout", path, BUCKET=BUCKET, **aws.variables) as running:
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
    again = provision(path, BUCKET=BUCKET, **aws.variables)
    assert again.returncode == 0, again.stderr
    assert aws.s3.get_object(Bucket=BUCKET, Key="rosters/roster.jsonl")["Body"].read() == path.read_bytes()
