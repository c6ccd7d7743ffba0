"""The state machine for rosters, and what starts it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from tests.infrastructure.cloudformation import (
    PSEUDO,
    roster_definition,
)
from tests.infrastructure.provisioning_resources import (
    MAPS,
    STATE_MACHINE,
    arn,
    properties,
)

# Rosters


def uploaded(bucket: str = "Bucket", key: str = "rosters/class.csv", kind: str = "Object Created") -> Any:
    detail = {"bucket": {"name": bucket}, "object": {"key": key}}
    return {"source": "aws.s3", "detail-type": kind, "detail": detail}


@pytest.mark.parametrize(
    ("event", "starts"),
    [
        (uploaded(), True),
        (uploaded(key="rosters/2026/class.jsonl"), True),
        (uploaded(key="results/run/errors.csv"), False),
        (uploaded(key="old/rosters/class.csv"), False),
        (uploaded(bucket="another"), False),
        (uploaded(kind="Object Deleted"), False),
    ],
)
def test_an_upload_of_a_roster_starts_the_state_machine(event: Any, starts: bool) -> None:
    rule = properties("RosterUploadedRule")
    pattern = json.dumps(rule["EventPattern"]).replace('{"Ref": "Bucket"}', '"Bucket"')

    assert EventPattern.load(pattern).matches_event(event) is starts


def test_uploads_are_told_of_and_started_with_a_role_of_their_own() -> None:
    rule = properties("RosterUploadedRule")

    (target,) = rule["Targets"]
    assert properties("Bucket")["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    assert "EventBusName" not in rule  # the default bus alone has S3's events
    assert (target["Arn"], target["RoleArn"]) == ({"Ref": "RosterStateMachine"}, arn("RosterUploadedRole"))
    assert target["DeadLetterConfig"] == {"Arn": arn("RosterDeadLetterQueue")}


def test_an_execution_reads_the_very_version_that_it_was_started_for() -> None:
    states = roster_definition()["States"]

    assert properties("Bucket")["VersioningConfiguration"] == {"Status": "Enabled"}
    assert states["Describe"]["Parameters"]["version_id.$"] == "$.detail.object['version-id']"
    assert {states[name]["ItemReader"]["Parameters"]["VersionId.$"] for name in MAPS} == {"$.version_id"}


def test_nothing_of_a_roster_is_logged() -> None:
    state_machine = properties("RosterStateMachine")

    logging = state_machine["LoggingConfiguration"]
    (destination,) = logging["Destinations"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)
    assert destination["CloudWatchLogsLogGroup"]["LogGroupArn"] == arn("RosterLogGroup")
    assert int(properties("RosterLogGroup")["RetentionInDays"]) > 0
    assert state_machine["TracingConfiguration"] == {"Enabled": True}
    assert state_machine["StateMachineType"] == "STANDARD"  # an express one would be over in five minutes


def test_the_state_machine_has_the_name_that_its_role_knows() -> None:
    name = properties("RosterStateMachine")["StateMachineName"]

    assert STATE_MACHINE.endswith(":" + name["Fn::Sub"])


def test_rows_are_granted_in_batches_that_a_function_can_take() -> None:
    states = roster_definition()["States"]

    for name in MAPS:
        batch = states[name]["ItemBatcher"]
        assert batch["MaxItemsPerBatch"] == 500
        assert batch["MaxInputBytesPerBatch"] == 200_000  # of 262,144, which the task adds to
        assert states[name]["ItemProcessor"]["ProcessorConfig"] == {
            "Mode": "DISTRIBUTED",
            "ExecutionType": "EXPRESS",
        }
        assert states[name]["ResultWriter"]["WriterConfig"]["Transformation"] == "COMPACT"


def test_both_kinds_of_rosters_are_treated_alike() -> None:
    states = roster_definition()["States"]
    (csv, csv_reader), (jsonl, jsonl_reader) = (without_what_differs(name, states[name]) for name in MAPS)

    assert csv == jsonl
    assert csv_reader == {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
    assert jsonl_reader == {"InputType": "JSONL"}


def without_what_differs(name: str, state: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A map without its own name and without the configuration of its reader, and that configuration."""
    alike = json.loads(json.dumps(state).replace(f"{name}Batch", "Batch"))
    return alike, alike["ItemReader"].pop("ReaderConfig")


def test_what_is_tried_again_is_over_before_an_express_execution_is() -> None:
    processor = roster_definition()["States"]["GrantCsv"]["ItemProcessor"]
    refused, failed = processor["States"]["GrantCsvBatch"]["Retry"]

    pauses = [failed["IntervalSeconds"] * failed["BackoffRate"] ** n for n in range(failed["MaxAttempts"])]
    seconds = (1 + len(pauses)) * properties("ProvisionerFunction")["Timeout"] + sum(pauses)
    assert failed["ErrorEquals"] == ["States.TaskFailed"]
    assert seconds < 5 * 60
    # A function that is too busy to be called may be asked more often.
    assert "Lambda.TooManyRequestsException" in refused["ErrorEquals"]
    assert refused["MaxAttempts"] > failed["MaxAttempts"]


def followers(state: dict[str, Any]) -> Iterator[str]:
    """The states that can come next; none after the last."""
    yield from (state[field] for field in ("Next", "Default") if field in state)
    yield from (choice["Next"] for choice in (*state.get("Choices", ()), *state.get("Catch", ())))


@pytest.mark.parametrize("inner", [None, *MAPS])
def test_every_state_leads_to_one_that_exists_and_is_led_to(inner: str | None) -> None:
    definition = roster_definition()
    if inner is not None:
        definition = definition["States"][inner]["ItemProcessor"]
    states = definition["States"]

    led_to = {definition["StartAt"], *(name for state in states.values() for name in followers(state))}
    ends = {name for name, state in states.items() if not list(followers(state))}
    assert led_to == states.keys()
    assert all(states[name]["Type"] in ("Succeed", "Fail") or states[name]["End"] for name in ends)


def test_the_linter_finds_nothing_in_the_definition(tmp_path: Path) -> None:
    resource = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": "arn:aws:iam::123456789012:role/rosters",
            "DefinitionString": json.dumps(roster_definition()),
        },
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"RosterStateMachine": resource}}))

    program = str(Path(sys.executable).with_name("cfn-lint"))
    done = subprocess.run(
        [program, "--regions", PSEUDO["AWS::Region"], "--", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
