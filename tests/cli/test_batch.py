"""`zego-token batch`: a CSV file in, the same rows with tokens out."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.factories import SECRET
from tests.independent import open_token
from zego_token import explain

SEATS = """user_id,room_id,publish,stream_ids,ttl
alice,demo,yes,s1;s2,2h
"bob, jr",demo,,,
李雷,,,,
"""


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def seats(folder: Path, text: str | bytes) -> str:
    file = folder / "seats.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


def test_each_row_gets_its_token(with_key: Command, tmp_path: Path) -> None:
    ended = with_key("batch", seats(tmp_path, SEATS))

    alice, bob, lei = rows(ended.out)
    contents = [open_token(row["token"], SECRET).content for row in (alice, bob, lei)]
    assert (ended.status, ended.err) == (0, "3 tokens; 0 rows were wrong.\n")
    assert [content["user_id"] for content in contents] == ["alice", "bob, jr", "李雷"]
    assert json.loads(contents[0]["payload"])["stream_id_list"] == ["s1", "s2"]
    assert contents[0]["expire"] - contents[0]["ctime"] == 7200
    assert json.loads(contents[1]["payload"])["privilege"] == {"1": 1, "2": 0}
    assert contents[2]["payload"] == ""
    assert int(bob["expires_at"]) == contents[1]["expire"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_files_of_spreadsheets(with_key: Command, tmp_path: Path, delimiter: str) -> None:
    text = f"\ufeffUser_ID{delimiter}Room_ID\r\nalice{delimiter}demo\r\n\r\nbob{delimiter}demo\r\n"

    ended = with_key("batch", seats(tmp_path, text))

    assert [row["user_id"] for row in rows(ended.out)] == ["alice", "bob"]


def test_wrong_rows_are_named_and_left_out(with_key: Command, tmp_path: Path) -> None:
    text = "user_id,room_id,publish,ttl\nalice,demo,yes,1h\nbob,demo,maybe,1h\n,demo,,\ncarol,demo,,1y\ndave,demo\neve,,yes,\nfrank,demo,no,\n"

    ended = with_key("batch", seats(tmp_path, text))

    assert ended.status == 1
    assert [row["user_id"] for row in rows(ended.out)] == ["alice", "frank"]
    assert [line.partition(":")[0] for line in ended.err.splitlines()[:-1]] == [
        "row 3",
        "row 4",
        "row 5",
        "row 6",
        "row 7",
    ]
    assert ended.err.endswith("2 tokens; 5 rows were wrong.\n")


@pytest.mark.parametrize(
    ("text", "named"),
    [("", "user_id"), ("name\nalice\n", "user_id"), ("user_id,token\na,b\n", "'token'"), ("user_id,user_id\na,b\n", "user_id"),
     (b"user_id\n\xff\xfe\n", "UTF-8"), ('user_id\n"a\n', "CSV")],
)  # fmt: skip
def test_other_files_are_refused(with_key: Command, tmp_path: Path, text: str | bytes, named: str) -> None:
    ended = with_key("batch", seats(tmp_path, text))

    assert (ended.status, ended.out) == (2, "")
    assert named in ended.err
    assert (with_key("batch", str(tmp_path / "absent")).status) == 2


def test_kit_tokens(with_key: Command, tmp_path: Path) -> None:
    text = "user_id,room_id,name\nalice,demo,Alice A.\n"

    (row,) = rows(with_key("batch", seats(tmp_path, text), "--kit").out)

    assert row["kit_token"].startswith(f"{row['token']}#")
    assert [f.code for f in explain(row["kit_token"], SECRET, product="uikit")] == ["publish-denied"]
