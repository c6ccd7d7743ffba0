"""Runs over rosters, batch by batch, as the state machine makes them."""

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from provisioner.handler import Handler
from tests.deployment import LOGIN, Deployment, PlainTable, invoke
from tests.provisioning_events import roster_batch, roster_end, row_of, run_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH = 500
BAD_ROWS: tuple[dict[str, Any], ...] = (
    {"user_id": ""},
    {"starts_at": "tomorrow"},
    {"ends_at": "0"},
    {"publish": "perhaps"},
    {"room_id": "x" * 128},
)


def bad_rows(deployment: Deployment, execution: str = "run-1") -> list[list[str]]:
    """The rows of a run's list, without its header."""
    text = deployment.objects(f"results/{execution}/errors.csv")[f"results/{execution}/errors.csv"]
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def test_a_run_grants_the_good_rows_and_lists_the_bad_ones(deployment: Deployment) -> None:
    # when
    assert deployment(
        roster_batch({0: row_of("alice"), 1: row_of("bob", login="?"), 2: row_of("carol", room_id="other")})
    ) == {"granted": 2, "rejected": 1}
    assert deployment(roster_batch({3: row_of(""), 4: row_of("dave")})) == {"granted": 1, "rejected": 1}
    summary = deployment(roster_end(40))

    # then
    assert [deployment.answer("demo", user) for user in ("alice", "bob", "dave")] == [
        LOGIN,
        "no-grant",
        LOGIN,
    ]
    assert deployment.answer("other", "carol") == LOGIN
    assert bad_rows(deployment) == [
        ["3", "login", 'login must be true or false, yes or no, 1 or 0, not "?"', "bob", "demo"],
        ["5", "user_id", "user_id is required", "", "demo"],
    ]
    counts = {"granted": 3, "rejected": 2, "accepted": True, "errors_key": "results/run-1/errors.csv"}
    assert summary == counts
    assert deployment.emitted() == [
        ("Zego Roster Provisioned", {"version": 1, "roster": "rosters/term.csv", "run": "run-1", **counts})
    ]


@pytest.mark.parametrize(("tolerated", "accepted"), [(0, False), (24, False), (25, True), (100, True)])
def test_a_run_is_accepted_with_as_many_bad_rows_as_are_tolerated(
    deployment: Deployment, tolerated: int, accepted: bool
) -> None:
    deployment(roster_batch({index: row_of(user) for index, user in enumerate(["a", "b", "c", ""])}))
    assert deployment(roster_end(tolerated))["accepted"] is accepted


def test_a_run_that_failed_is_announced_with_what_it_granted(deployment: Deployment) -> None:
    deployment(roster_batch({0: row_of("alice"), 1: row_of("")}))

    summary = deployment(roster_end(100) | {"failed": True})

    assert (summary["granted"], summary["rejected"], summary["accepted"]) == (1, 1, False)
    assert len(bad_rows(deployment)) == 1
    ((detail_type, detail),) = deployment.emitted()
    assert detail_type == "Zego Roster Provisioned"
    assert detail == {"version": 1, "roster": "rosters/term.csv", "run": "run-1", **summary}


def begin(key: str, execution: str = "run-1") -> dict[str, Any]:
    run = run_of(execution)
    roster = {**run["roster"], "key": key}
    del roster["format"]
    return {**run, "roster": roster, "begin": True}


@pytest.mark.parametrize(
    ("name", "file_format"),
    [("a.csv", "csv"), ("a.CSV", "csv"), ("2026/a b.Csv", "csv"), ("a.jsonl", "jsonl"), ("a.JsonL", "jsonl")],
)
def test_a_run_begins_with_the_format_of_its_roster(
    deployment: Deployment, name: str, file_format: str
) -> None:
    assert deployment(begin(f"rosters/{name}")) == {"format": file_format}
    assert not deployment.objects()


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv.gz", "csv", "a.json", "a.csv/b", "a.csv "])
def test_a_file_that_is_no_roster_is_rejected_as_events_are(deployment: Deployment, name: str) -> None:
    # when, twice, as it is where the first answer is lost
    answers = [deployment(begin(f"rosters/{name}")) for _ in range(2)]

    # then it is kept once, with the reason, and announced once
    ((key, text),) = deployment.objects("rejected/").items()
    assert answers[0] == answers[1]
    assert (answers[0]["format"], answers[0]["kept_in"]) == (None, key)
    assert ".csv or .jsonl" in answers[0]["reason"]
    kept = json.loads(text)
    assert kept["errors"] == [{"entry": "object", "field": "key", "reason": answers[0]["reason"]}]
    assert kept["event"]["detail"]["key"] == f"rosters/{name}"
    assert deployment.emitted() == [
        (
            "Zego Provisioning Rejected",
            {"version": 1, "detail_type": "Object Created", "rejected": 1, "kept_in": key},
        )
    ]


def test_a_run_over_nothing_is_not_accepted(deployment: Deployment) -> None:
    assert deployment(roster_batch({})) == {"granted": 0, "rejected": 0}
    assert deployment(roster_end(0)) | {"errors_key": ""} == {
        "granted": 0, "rejected": 0, "accepted": False, "errors_key": "",
    }  # fmt: skip
    assert bad_rows(deployment) == []


def test_batches_may_come_twice_and_in_any_order(deployment: Deployment) -> None:
    first = roster_batch({0: row_of("alice"), 1: row_of("")})
    second = roster_batch({2: row_of("bob"), 3: row_of("x" * 64)})
    deployment(first)
    deployment(second)
    summary, rows, objects = deployment(roster_end(50)), deployment.rows("ROOM#"), deployment.objects()
    deployment.clear()

    for batch in (second, first, second, first):
        deployment(batch)

    assert deployment(roster_end(50)) == summary
    assert deployment(roster_end(50)) == summary
    assert deployment.rows("ROOM#") == rows
    assert deployment.objects() == objects
    assert len(deployment.emitted()) == 1


def test_rows_of_json_lines_are_counted_from_one(deployment: Deployment) -> None:
    deployment(roster_batch({0: {}, 1: None}, file_format="jsonl"))
    deployment(roster_end(file_format="jsonl"))
    assert [row[0] for row in bad_rows(deployment)] == ["1", "2"]


def test_whatever_a_bad_row_has_in_it_can_be_listed_and_computes_nothing(deployment: Deployment) -> None:
    hostile = [
        '=HYPERLINK("http://evil.example")',
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "a\ud800",
        '"',
        "a,b",
    ]
    deployment(roster_batch({index: row_of("x" * 64, text) for index, text in enumerate(hostile)}))
    deployment(roster_batch({50: {hostile[0]: "1"} | row_of("alice"), 51: row_of("bob")}))
    deployment(roster_end())

    *rows, last = bad_rows(deployment)

    assert [row[4] for row in rows] == [*("'" + text.strip() for text in hostile[:7]), "a?", '"', "a,b"]
    assert last[1] == "'" + hostile[0]


def test_runs_are_apart(deployment: Deployment) -> None:
    deployment(roster_batch({0: row_of("")}))
    deployment(roster_batch({0: row_of("alice")}, execution="run-10"))
    assert deployment(roster_end(execution="run-10"))["rejected"] == 0
    assert deployment(roster_end())["granted"] == 0


def record(index: int) -> dict[str, str]:
    row = row_of(f"user-{index}", f"room-{index % 300}")
    return row | BAD_ROWS[index // 100 % len(BAD_ROWS)] if index % 100 == 37 else row


def run(handler: Handler, execution: str, rows: int) -> dict[str, Any]:
    for start in range(0, rows, BATCH):
        batch = {index: record(index) for index in range(start, start + BATCH)}
        assert invoke(handler, roster_batch(batch, execution=execution)) == {"granted": 495, "rejected": 5}
    return invoke(handler, roster_end(1, execution=execution))


@pytest.mark.parametrize("rows", [3_000, pytest.param(100_000, marks=pytest.mark.exploration)])
def test_many_rows_twice(deployment: Deployment, rows: int) -> None:
    """Over a plain table in memory, which takes seconds where moto takes more than a minute."""
    # given
    bad = rows // 100
    table = PlainTable()
    handler = deployment.handler_over(replace(deployment.clients, dynamodb=cast("DynamoDBClient", table)))

    # when
    summary = run(handler, "first", rows)

    # then
    assert (summary["granted"], summary["rejected"], summary["accepted"]) == (rows - bad, bad, True)
    listed = bad_rows(deployment, "first")
    assert [row[0] for row in listed] == [str(index + 2) for index in range(37, rows, 100)]
    grants = {key: row for key, row in table.rows.items() if key[0].startswith("ROOM#")}
    assert len(grants) == rows - bad
    assert {row["user_id"]["S"] for row in grants.values()} == {
        f"user-{index}" for index in range(rows) if index % 100 != 37
    }

    # when: the same roster runs again
    again = run(handler, "second", rows)

    # then: no row is another one, and the list is the same
    assert {**again, "errors_key": ""} == {**summary, "errors_key": ""}
    assert bad_rows(deployment, "second") == listed
    assert {key: row for key, row in table.rows.items() if key[0].startswith("ROOM#")} == grants


def test_the_parts_of_a_run_hold_what_was_wrong_and_no_grants(deployment: Deployment) -> None:
    deployment(roster_batch({500: row_of("alice"), 501: row_of("bob", publish="?")}))
    ((key, text),) = deployment.objects("results/").items()
    assert key == "results/run-1/parts/000000000500.json"
    assert "alice" not in text
    assert json.loads(text)["granted"] == 1
