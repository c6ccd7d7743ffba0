"""The interpreter refuses what AWS refuses, so that a green run means something."""

import json
from typing import Any

import pytest

from tests.infrastructure.cloudformation import roster_definition
from tests.statemachine.batches import QUOTA, child_inputs, size
from tests.statemachine.definition import InvalidDefinitionError, check_names, states_of
from tests.statemachine.deployed import Rosters
from tests.statemachine.files import csv, row
from tests.statemachine.interpreter import Interpreter


def test_every_state_of_the_deployed_definition_has_a_name_of_its_own() -> None:
    names = [name for _, name, _ in states_of(roster_definition())]

    assert {"GrantCsvBatch", "GrantJsonlBatch"} < set(names)  # those of the nested graphs too
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "nested",
    [
        {"Type": "Parallel", "Branches": [{"States": {"Same": {"Type": "Succeed"}}}]},
        {"Type": "Map", "ItemProcessor": {"States": {"Same": {"Type": "Succeed"}}}},
        {"Type": "Map", "Iterator": {"States": {"Same": {"Type": "Succeed"}}}},
    ],
)
def test_a_name_that_two_states_have_is_refused(nested: dict[str, Any]) -> None:
    with pytest.raises(InvalidDefinitionError, match="DUPLICATE_STATE_NAME: Same"):
        check_names({"States": {"Same": {"Type": "Pass"}, "Nested": nested}})
    with pytest.raises(InvalidDefinitionError):
        check_names({"States": {"x" * 81: {"Type": "Pass"}}})


def test_batches_hold_as_many_items_and_bytes_as_they_may() -> None:
    items = [{"text": "é" * 100}] * 10

    by_count = list(child_inputs(items, {"MaxItemsPerBatch": 4}))
    by_size = list(child_inputs(items, {"MaxInputBytesPerBatch": 700}, {"of": "all"}))

    assert [len(batch["Items"]) for batch in by_count] == [4, 4, 2]
    assert [len(batch["Items"]) for batch in by_size] == [3, 3, 3, 1]
    assert all(size(batch) <= 700 for batch in by_size)
    assert [len(batch["Items"]) for batch in child_inputs(items[:1], {"MaxInputBytesPerBatch": 1})] == [1]
    assert list(child_inputs([], {})) == []


def test_a_batch_without_room_for_what_the_task_adds_exceeds_the_quota(rosters: Rosters) -> None:
    # given batches that are bound by the quota alone
    def fill_up(definition: dict[str, Any]) -> None:
        limits = {"MaxItemsPerBatch": 100_000, "MaxInputBytesPerBatch": QUOTA}
        definition["States"]["GrantCsv"]["ItemBatcher"].update(limits)

    rosters.change(fill_up)

    # when they are filled
    answer = rosters.grant("class.csv", csv(*(row(number) for number in range(4000))))

    # then the run fails in the task, as in AWS
    assert answer["error"] == "BatchesFailed"
    assert rosters.interpreter.largest_task > QUOTA
    assert {child.error for child in rosters.interpreter.runs[-1].failed} == {"States.DataLimitExceeded"}


def test_no_batch_starts_after_one_has_failed(rosters: Rosters) -> None:
    rosters.function.fails = lambda payload: ValueError() if "BatchInput" in payload else None

    rosters.grant("class.csv", csv(*(row(number) for number in range(5000))))

    (run,) = rosters.interpreter.runs
    assert (run.items, 1 <= len(run.children) <= 3) == (5000, True)  # so many run at once


def test_results_without_transformation_hold_the_input_too(rosters: Rosters) -> None:
    def keep_all(definition: dict[str, Any]) -> None:
        definition["States"]["GrantCsv"]["ResultWriter"]["WriterConfig"] = {"OutputType": "JSON"}

    rosters.change(keep_all)
    rosters.grant("class.csv", csv(row(0)))

    (text,) = (text for key, text in rosters.deployment.objects().items() if key.endswith("SUCCEEDED_0.json"))
    (child,) = json.loads(text)
    assert child["Input"]["Items"][0]["record"]["user_id"] == "user-0"


def test_a_definition_goes_in_unchanged() -> None:
    definition = roster_definition()
    before = json.dumps(definition)

    Interpreter().accept(definition)

    assert json.dumps(definition) == before
