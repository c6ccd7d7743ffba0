"""`make deploy` asks before it changes prod, and ends with the outputs and the command to run."""

import shlex

import pytest

from tests.deploy.cloud import OUTPUTS, Cloud, StackState, refusal
from tests.deploy.conftest import CTRL_C, MakeDeploy

APP_ID = "1234567890"
PROD = "zego-tokens-prod"


def test_prod_shows_the_changes_and_asks(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    outcome = make_deploy(APP_ID=APP_ID, CONFIG="prod", terminal="y")

    assert outcome.status == 0
    assert (
        "  Replace  Table                                DynamoDB::Table\n  Add      Other" in outcome.output
    )
    assert "Deploy these changes to zego-tokens-prod? [y/N]" in outcome.output
    assert cloud.stacks[PROD].parameters["LogRetentionDays"] == "90"


@pytest.mark.parametrize("answer", ["", "n", "yesterday", CTRL_C])
def test_nothing_is_left_of_a_new_stack_that_is_declined(
    cloud: Cloud, make_deploy: MakeDeploy, answer: str
) -> None:
    outcome = make_deploy(APP_ID=APP_ID, CONFIG="prod", terminal=answer)

    assert outcome.status == 1
    assert outcome.output.endswith("Nothing was changed.\n")
    assert cloud.stacks == {}
    assert "execute" not in cloud.calls


def test_nothing_is_left_of_an_update_that_is_declined(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    cloud.stacks[PROD] = StackState("UPDATE_COMPLETE", {"ZegoAppId": APP_ID})

    make_deploy(CONFIG="prod", PARAMS="MemorySize=1024", terminal="no")

    assert cloud.calls == ["sam build", "sam deploy", "delete change set"]
    assert "MemorySize" not in cloud.stacks[PROD].parameters
    assert cloud.change_sets == {}


def test_yes_skips_the_question(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    outcome = make_deploy(APP_ID=APP_ID, CONFIG="prod", YES="1")

    assert outcome.status == 0
    assert "[y/N]" not in outcome.output
    assert cloud.calls == ["sam build", "sam deploy", "execute"]


def test_it_ends_with_the_outputs_and_the_command_to_run(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    end = make_deploy(APP_ID=APP_ID).output.partition("\nOutputs\n\n")[2]

    lines = end.splitlines()
    assert lines[0] == f"  ApiUrl            {OUTPUTS['ApiUrl']}"
    assert [line for line in lines if len(line) > 80 and not is_one_word(line)] == []
    command = end.partition("Enter and Ctrl-D.\n")[2]
    assert shlex.split(command.replace("\\\n", "")) == OUTPUTS["PutSecretCommand"].split(" ")
    cloud.secret_has_value = True
    again = make_deploy()
    assert again.output.endswith(f"\n  curl {OUTPUTS['ApiUrl']}/v1/health\n")


def test_it_ends_well_where_the_secret_may_not_be_seen(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    cloud.refusals["DescribeSecret"] = refusal("AccessDeniedException")

    outcome = make_deploy(APP_ID=APP_ID)

    assert outcome.status == 0
    assert "put-secret-value" in outcome.output.partition("Next")[2]


def is_one_word(line: str) -> bool:
    """Such as an ARN, which could not be copied in two lines."""
    return len(line.removesuffix(" \\").split()) == 1
