"""`make deploy` over an account: what it creates, keeps, asks, refuses and prints."""

import re

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, TokenRetrievalError

from tests.deploy.cloud import ACCOUNT, OUTPUTS, Cloud, StackState, refusal
from tests.deploy.conftest import MakeDeploy, Outcome

APP_ID = "1234567890"
DEV = "zego-tokens-dev"
DEPLOYED = ["sam build", "sam deploy", "execute"]
JWT = {"JwtIssuer": "https://i.example", "JwtAudience": "web,ios"}


def deployed(parameters: dict[str, str] | None = None, status: str = "CREATE_COMPLETE") -> StackState:
    return StackState(status, {"ZegoAppId": APP_ID, "LogRetentionDays": "30", **(parameters or {})})


def test_a_stack_is_created(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    outcome = make_deploy(APP_ID=APP_ID, REGION="ap-south-2")

    assert (outcome.status, outcome.error) == (0, "")
    assert cloud.calls == DEPLOYED
    assert cloud.regions == {"ap-south-2"}
    parameters = cloud.stacks[DEV].parameters
    assert re.fullmatch("[0-9a-f]{64}", parameters.pop("CodeSha256"))
    assert parameters == {"ZegoAppId": APP_ID, "LogRetentionDays": "7"}
    assert outcome.output.startswith(
        f"Create {DEV}\n\n  app      {APP_ID}\n  region   ap-south-2\n  account  {ACCOUNT}\n\n"
        "  Notice: no Python 3.13 here\n"
    )
    assert "  CREATE_COMPLETE              Table\n" in outcome.output


def test_a_stack_remembers_its_app_and_parameters(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    make_deploy(APP_ID=APP_ID, PARAMS="MemorySize=1024 LogRetentionDays=90")

    assert make_deploy(PARAMS="MaxTtlSeconds=600").status == 0
    assert make_deploy(APP_ID=APP_ID, PARAMS="MemorySize=256").status == 0

    remembered = cloud.stacks[DEV].parameters
    assert {name: value for name, value in remembered.items() if name != "CodeSha256"} == {
        "ZegoAppId": APP_ID,
        "LogRetentionDays": "90",
        "MemorySize": "256",
        "MaxTtlSeconds": "600",
    }


def test_an_empty_value_is_the_default(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    cloud.stacks[DEV] = deployed({**JWT, "CorsAllowOrigins": "https://a.example", "MemorySize": "1024"})

    outcome = make_deploy(PARAMS="JwtIssuer= JwtAudience= CorsAllowOrigins= MemorySize= LogRetentionDays=")

    assert outcome.status == 0
    parameters = cloud.stacks[DEV].parameters
    assert [parameters[name] for name in (*JWT, "CorsAllowOrigins")] == ["", "", ""]
    assert (parameters["MemorySize"], parameters["LogRetentionDays"]) == ("512", "7")


def test_a_parameter_that_the_template_no_longer_has_is_not_passed_on(
    cloud: Cloud, make_deploy: MakeDeploy
) -> None:
    cloud.stacks[DEV] = deployed({"Gone": "1"})

    make_deploy()

    assert cloud.passed.keys() == {"ZegoAppId", "LogRetentionDays", "CodeSha256"}


def test_the_hash_changes_with_a_parameter_and_with_nothing_else(
    cloud: Cloud, make_deploy: MakeDeploy
) -> None:
    hashes = []
    for params in ("", "MemorySize=512", "MemorySize=1024", "MemorySize="):
        make_deploy(APP_ID=APP_ID, PARAMS=params)
        hashes.append(cloud.stacks[DEV].parameters["CodeSha256"])

    assert hashes[0] == hashes[1] == hashes[3] != hashes[2]


def test_what_has_not_changed_is_not_deployed(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    make_deploy(APP_ID=APP_ID)
    cloud.calls.clear()

    outcome = make_deploy()

    assert outcome.status == 0
    assert "Nothing has changed." in outcome.output
    assert OUTPUTS["ApiUrl"] in outcome.output
    assert cloud.calls == ["sam build", "sam deploy"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, f"APP_ID=... is needed, since the stack {DEV} does not exist yet."),
        ({"APP_ID": "0"}, "APP_ID=0 must be a number"),
        (
            {"APP_ID": APP_ID, "PARAMS": "JwtIssuer=https://i.example"},
            "PARAMS: JwtIssuer needs a JwtAudience.",
        ),
        (
            {"APP_ID": APP_ID, "CONFIG": "prod"},
            "CONFIG=prod asks before it changes anything, and there is no",
        ),
        (
            {"APP_ID": APP_ID, "STACK": "zego-tokens-prod"},
            "STACK=zego-tokens-prod is the stack of CONFIG=prod;",
        ),
        (
            {"APP_ID": APP_ID, "AWS_ENDPOINT_URL": "garbage"},
            "AWS cannot be used in eu-central-1: Invalid endpoint: garbage",
        ),
        ({"AWS_PROFILE": "nobody"}, "AWS_PROFILE: The config profile (nobody) could not be found."),
    ],
)
def test_nothing_is_built_for_what_cannot_be_deployed(
    cloud: Cloud, make_deploy: MakeDeploy, variables: dict[str, str], message: str
) -> None:
    outcome = make_deploy(**variables)

    assert_refused(cloud, outcome, message)


def test_a_region_is_needed(cloud: Cloud, make_deploy: MakeDeploy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    assert_refused(cloud, make_deploy(APP_ID=APP_ID), "No region: name one with REGION=eu-central-1")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NoCredentialsError(), "No AWS credentials (Unable to locate credentials). Set AWS_PROFILE"),
        (
            refusal("ExpiredToken"),
            "AWS does not accept the credentials in eu-central-1 (ExpiredToken). Check",
        ),
        (refusal("AccessDenied"), "AWS refused in eu-central-1: An error occurred (AccessDenied)"),
        (
            EndpointConnectionError(endpoint_url="x"),
            "AWS cannot be reached in eu-central-1. Check that the region",
        ),
        (TokenRetrievalError(provider="sso", error_msg="a\nb"), "AWS cannot be used in eu-central-1: "),
    ],
)
def test_credentials_are_checked_first(
    cloud: Cloud, make_deploy: MakeDeploy, error: Exception, message: str
) -> None:
    cloud.refusals["GetCallerIdentity"] = error

    assert_refused(cloud, make_deploy(APP_ID=APP_ID), message)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (
            "ROLLBACK_COMPLETE",
            "It cannot be updated. Delete it, then deploy again: aws cloudformation delete-stack",
        ),
        ("DELETE_FAILED", "It cannot be updated. Delete it"),
        (
            "UPDATE_ROLLBACK_FAILED",
            "Finish the rollback, then deploy again: aws cloudformation continue-update-",
        ),
        ("UPDATE_IN_PROGRESS", "Wait until that has ended, then deploy again."),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Wait until that has ended"),
    ],
)
def test_a_stack_in_the_wrong_state_is_not_deployed_to(
    cloud: Cloud, make_deploy: MakeDeploy, status: str, message: str
) -> None:
    cloud.stacks[DEV] = deployed(status=status)

    assert_refused(cloud, make_deploy(), f"The stack {DEV} is in state {status}. {message}")


def test_another_app_than_the_stacks_is_refused(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    cloud.stacks[DEV] = deployed()

    refused = make_deploy(APP_ID="5")
    elsewhere = make_deploy(APP_ID="5", STACK=f"{DEV}-5")

    assert refused.error == (
        f"APP_ID=5 is not the app of the stack {DEV}, which is {APP_ID}. Name a stack for it: STACK={DEV}-5\n"
    )
    assert elsewhere.status == 0
    assert [cloud.stacks[name].parameters["ZegoAppId"] for name in (DEV, f"{DEV}-5")] == [APP_ID, "5"]


def test_a_stack_of_something_else_is_refused(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    cloud.stacks["website"] = StackState("UPDATE_COMPLETE", {"Domain": "example.com"})

    outcome = make_deploy(APP_ID=APP_ID, STACK="website")

    assert_refused(
        cloud, outcome, "The stack website is not one of this service. Name another with STACK=..."
    )


def test_what_sam_says_about_a_failed_build_is_shown(cloud: Cloud, make_deploy: MakeDeploy) -> None:
    cloud.build_fails = True

    outcome = make_deploy(APP_ID=APP_ID)

    assert outcome.status == 1
    assert outcome.error == "sam build failed:\nNotice: no Python 3.13 here\nBuild Failed\n"
    assert cloud.calls == ["sam build"]


@pytest.mark.parametrize("state", [None, deployed(status="UPDATE_COMPLETE")])
def test_a_failed_deployment_says_why(
    cloud: Cloud, make_deploy: MakeDeploy, state: StackState | None
) -> None:
    if state is not None:
        cloud.stacks[DEV] = state
    cloud.failing = "Table", "it is too small"

    outcome = make_deploy(APP_ID=APP_ID)

    assert outcome.status == 1
    assert outcome.error == (
        f"The stack is in state {cloud.stacks[DEV].status}, because:\n  Table: it is too small\n"
    )
    assert "Outputs" not in outcome.output


def assert_refused(cloud: Cloud, outcome: Outcome, message: str) -> None:
    """In one line, before anything is built."""
    assert (outcome.status, outcome.output) == (1, "")
    assert outcome.error.startswith(message)
    assert outcome.error.count("\n") == 1
    assert cloud.calls == []
