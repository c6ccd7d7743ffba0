"""Rosters through the state machine that is deployed."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.statemachine.batches import QUOTA
from tests.statemachine.deployed import ALIAS, RUN, UPLOADED_AT, Fails, Payload, Rosters
from tests.statemachine.files import HEADER, csv, jsonl, row
from zego_service.errors import BucketUnavailableError

ERRORS_KEY = f"results/{RUN}/errors.csv"
ANNOUNCED = "Zego Roster Provisioned"
THROTTLED = ClientError(
    {
        "Error": {"Code": "TooManyRequestsException", "Message": "Rate exceeded"},
        "ResponseMetadata": {"HTTPStatusCode": 429, "RequestId": "1"},  # type: ignore[typeddict-item]
    },
    "Invoke",
)
FORMATS = pytest.mark.parametrize(("name", "written"), [("class.csv", csv), ("class.jsonl", jsonl)])


def few(*, bad: int | None = None, count: int = 4) -> list[dict[str, str]]:
    return [row(number, good=number != bad) for number in range(count)]


# What is granted


@FORMATS
def test_the_rows_of_a_roster_become_grants(rosters: Rosters, name: str, written: Any) -> None:
    answer = rosters.grant(name, written(*few(bad=2)))

    assert answer["status"] == "SUCCEEDED"
    summary = {"granted": 3, "rejected": 1, "accepted": True, "errors_key": ERRORS_KEY}
    assert answer["output"] == summary
    assert rosters.granted(*(f"user-{number}" for number in range(4))) == ["user-0", "user-1", "user-3"]
    (error,) = rosters.errors()
    assert error.startswith('"4","publish",' if name.endswith("csv") else '"3","publish",')
    announced = {"version": 1, "roster": f"rosters/{name}", "run": RUN, **summary}
    assert rosters.deployment.emitted() == [(ANNOUNCED, announced)]


@pytest.mark.parametrize("name", ["CLASS.CSV", "class.Csv", "class.JSONL", "2026/class.JsonL"])
def test_capitals_in_a_name_are_taken(rosters: Rosters, name: str) -> None:
    written = csv if name.lower().endswith("csv") else jsonl

    answer = rosters.grant(name, written(*few()))

    assert (answer["status"], answer["output"]["granted"]) == ("SUCCEEDED", 4)
    assert {batch["BatchInput"]["roster"]["key"] for batch in rosters.function.batches} == {f"rosters/{name}"}


@FORMATS
@pytest.mark.parametrize(
    "width", [700, *(pytest.param(each, marks=pytest.mark.exploration) for each in (0, 500, 3000))]
)
def test_rows_of_any_width_pass_within_the_quota(
    rosters: Rosters, name: str, written: Any, width: int
) -> None:
    # given 600 rows, some bad
    rows = [row(number, good=number % 8 != 7, width=width) for number in range(600)]

    # when
    answer = rosters.grant(name, written(*rows))

    # then all rows came, in batches that leave room for what the task adds
    assert answer["status"] == "SUCCEEDED", answer
    assert (answer["output"]["granted"], answer["output"]["rejected"]) == (525, 75)
    sizes = [len(batch["Items"]) for batch in rosters.function.batches]
    assert (sum(sizes), max(sizes) <= 500) == (600, True)
    assert len(rosters.errors()) == 75
    assert rosters.interpreter.largest_task < QUOTA
    assert rosters.interpreter.runs[0].largest_input <= 200_000
    if width >= 500:
        assert rosters.interpreter.runs[0].largest_input > 190_000  # the bound in bytes was reached


def test_the_function_gets_what_its_samples_show(rosters: Rosters) -> None:
    rosters.grant("class.csv", csv(*few(count=2)))

    started = {
        "bucket": rosters.deployment.settings.bucket,
        "key": "rosters/class.csv",
        "uploaded_at": UPLOADED_AT,
    }
    roster = {**started, "format": "csv"}
    begin, batch, last = rosters.function.payloads
    assert rosters.function.names == {ALIAS}
    assert begin == {"begin": True, "roster": started, "execution": RUN}
    assert batch["BatchInput"] == {"roster": roster, "execution": RUN}
    items = [(item["index"], item["record"]["user_id"]) for item in batch["Items"]]
    assert items == [(0, "user-0"), (1, "user-1")]
    assert last == {"summarise": True, "roster": roster, "execution": RUN, "tolerated_bad_percent": 25}


def test_what_belongs_to_a_run_lies_together_with_the_counts_of_each_batch(rosters: Rosters) -> None:
    rosters.grant("class.csv", csv(*few(bad=2)))

    objects = rosters.deployment.objects("results/")
    assert all(key.startswith(f"results/{RUN}/") for key in objects)
    assert any(key.endswith("/manifest.json") for key in objects)
    (results,) = (text for key, text in objects.items() if key.endswith("/SUCCEEDED_0.jsonl"))
    assert json.loads(results) == {"granted": 3, "rejected": 1}


def test_a_run_reads_the_roster_that_it_was_started_for(rosters: Rosters) -> None:
    event = rosters.upload("class.csv", csv(*few()))
    rosters.upload("class.csv", csv(row(9, good=False)))

    answer = rosters.run(event)

    assert (answer["output"]["granted"], answer["output"]["rejected"]) == (4, 0)


# What fails, and says why


def test_too_many_bad_rows_fail_the_run_and_the_good_ones_are_granted(rosters: Rosters) -> None:
    answer = rosters.grant("class.csv", csv(*few(bad=1, count=3)))

    assert (answer["status"], answer["error"]) == ("FAILED", "TooManyBadRows")
    assert "2 rows were granted and 1 rejected" in answer["cause"]
    assert ERRORS_KEY in answer["cause"]
    assert rosters.granted("user-0", "user-1", "user-2") == ["user-0", "user-2"]


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("class.csv", "", "Unreadable"),
        ("class.csv", HEADER, "NoRows"),
        ("class.csv", HEADER.strip(), "NoRows"),
        ("class.csv", f"{HEADER}\n\r\n", "NoRows"),
        ("class.csv", "\n\n", "Unreadable"),
        ("class.jsonl", "", "NoRows"),
        ("class.jsonl", "\n\r\n\n", "NoRows"),
    ],
)
def test_a_roster_without_rows_fails(rosters: Rosters, name: str, text: str, error: str) -> None:
    answer = rosters.grant(name, text)

    assert (answer["status"], answer["error"]) == ("FAILED", error)
    assert f"rosters/{name}" in answer["cause"]
    assert "pload it again" in answer["cause"]
    ((_, announced),) = rosters.deployment.emitted()
    assert (announced["granted"], announced["accepted"]) == (0, False)


def unavailable_from(index: int) -> Fails:
    """What fails for good from the batch on that begins with this row."""

    def fails(payload: Payload) -> Exception | None:
        late = "BatchInput" in payload and payload["Items"][0]["index"] >= index
        return BucketUnavailableError(5) if late else None

    return fails


@FORMATS
def test_a_batch_that_fails_for_good_leaves_a_summary_and_a_reason(
    rosters: Rosters, name: str, written: Any
) -> None:
    # given a roster of several batches, the first with a bad row, and a function that fails on the second
    rosters.function.fails = unavailable_from(500)

    # when
    answer = rosters.grant(name, written(*few(bad=3, count=1700)))

    # then the reason says what happened, how much was granted, where to look and what to do
    assert (answer["status"], answer["error"]) == ("FAILED", "BatchesFailed")
    for told in (
        f"rosters/{name} was not granted as a whole",
        "States.ExceedToleratedFailureThreshold",
        "499 rows were granted and 1 rejected",
        ERRORS_KEY,
        "provisioner log",
        "upload the roster again",
    ):
        assert told in answer["cause"]

    # and what was granted is summarised and announced, as a run that was not accepted
    assert len(rosters.errors()) == 1
    assert rosters.granted("user-0", "user-3", "user-600") == ["user-0"]
    ((detail_type, announced),) = rosters.deployment.emitted()
    assert (detail_type, announced["granted"], announced["accepted"]) == (ANNOUNCED, 499, False)
    tried = [batch for batch in rosters.function.batches if batch["Items"][0]["index"] == 500]
    assert len(tried) == 4


def test_the_first_batch_that_fails_for_good_is_summarised_too(rosters: Rosters) -> None:
    rosters.function.fails = unavailable_from(0)

    answer = rosters.grant("class.csv", csv(*few()))

    assert (answer["status"], answer["error"]) == ("FAILED", "BatchesFailed")
    assert "0 rows were granted and 0 rejected" in answer["cause"]
    assert rosters.errors() == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("class.jsonl", jsonl(row(0)) + "{oops\n" + jsonl(row(1))),
        ("class.jsonl", json.dumps([row(0)], indent=1)),
        ("class.csv", "user_id,user_id\nalice,alice\n"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_a_summary_and_a_reason(
    rosters: Rosters, name: str, content: str
) -> None:
    answer = rosters.grant(name, content)

    assert (answer["status"], answer["error"]) == ("FAILED", "Unreadable")
    assert "could not read it (States.ItemReaderFailed)" in answer["cause"]
    assert "UTF-8" in answer["cause"]
    assert "make provision" in answer["cause"]
    ((detail_type, announced),) = rosters.deployment.emitted()
    assert (detail_type, announced["granted"], announced["accepted"]) == (ANNOUNCED, 0, False)
    assert rosters.errors() == []
    assert not rosters.function.batches


def test_a_row_that_no_call_can_carry_fails_the_run_with_a_reason(rosters: Rosters) -> None:
    answer = rosters.grant("class.jsonl", jsonl(row(0), {**row(1), "stream_ids": "x" * 270_000}))

    assert (answer["status"], answer["error"]) == ("FAILED", "BatchesFailed")
    assert ERRORS_KEY in answer["cause"]


def test_a_summary_that_fails_for_good_fails_the_run_where_a_redrive_goes_on(rosters: Rosters) -> None:
    rosters.function.fails = lambda payload: BucketUnavailableError(5) if "summarise" in payload else None

    answer = rosters.grant("class.csv", csv(*few()))

    # then the failed state is the summary itself: a redrive repeats it, and not the rows
    assert (answer["status"], answer["error"]) == ("FAILED", "BucketUnavailableError")
    assert rosters.granted("user-0") == ["user-0"]
    assert len([payload for payload in rosters.function.payloads if "summarise" in payload]) == 7


@pytest.mark.exploration
@pytest.mark.parametrize("error", [THROTTLED, BucketUnavailableError(5)])
@pytest.mark.parametrize("kind", ["begin", "BatchInput", "summarise"])
def test_a_call_that_failed_is_made_again(rosters: Rosters, error: Exception, kind: str) -> None:
    failures = [error]
    rosters.function.fails = lambda payload: failures.pop() if kind in payload and failures else None

    answer = rosters.grant("class.csv", csv(*few()))

    assert (answer["status"], answer["output"]["granted"]) == ("SUCCEEDED", 4)
    first, again = [payload for payload in rosters.function.payloads if kind in payload]
    assert first == again


# What is no roster


@pytest.mark.parametrize("name", ["", "2026/", ".DS_Store", "2026/.DS_Store", "class.csv/"])
def test_folders_and_leavings_of_file_managers_are_ignored(rosters: Rosters, name: str) -> None:
    answer = rosters.grant(name, "")

    assert answer["status"] == "SUCCEEDED"
    assert rosters.function.payloads == []
    assert rosters.deployment.emitted() == []


@pytest.mark.parametrize("name", ["class.xlsx", "class.csv.gz", "csv", "class.json", ".DS_Store.txt"])
def test_a_file_of_another_kind_is_rejected_where_events_are(rosters: Rosters, name: str) -> None:
    answer = rosters.grant(name, csv(*few()))

    # then the run says why and where that is kept, and is no failure that an alarm counts
    assert (answer["status"], answer["output"]["outcome"]) == ("SUCCEEDED", "rejected")
    assert "must end in .csv or .jsonl" in answer["output"]["reason"]
    ((key, text),) = rosters.deployment.objects("rejected/").items()
    assert answer["output"]["kept_in"] == key
    assert json.loads(text)["event"]["detail"]["key"] == f"rosters/{name}"
    ((detail_type, announced),) = rosters.deployment.emitted()
    assert (detail_type, announced["kept_in"]) == ("Zego Provisioning Rejected", key)
    assert not rosters.function.batches
