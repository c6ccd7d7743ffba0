"""What `make deploy` refuses before it builds, and how it asks before it changes a production stack."""

import os
import pty
import subprocess
import sys

import pytest

from tests.factories import APP_ID, ROOT
from tests.stack.aws import Aws
from tests.stack.deployed import Stack, deploy


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"CONFIG": "staging"}, "CONFIG=staging must be dev or prod"),
        ({"APP_ID": "0"}, "APP_ID=0 must be a number from 1 to 4294967295"),
        ({"APP_ID": "12345678901"}, "APP_ID=12345678901 must be a number from 1 to 4294967295"),
        ({"APP_ID": ""}, "APP_ID=... is needed"),
        ({"REGION": "nowhere"}, "REGION=nowhere must be the name of a region"),
        ({"STACK": "1st"}, "STACK=1st must begin with a letter"),
        ({"STACK": "s" * 73}, "STACK must have at most 72 characters, not 73"),
        ({"PARAMS": "JwtIsuer=https://i.example"}, "do you mean JwtIssuer?"),
        ({"PARAMS": "ArchiveDays=00"}, "ArchiveDays=00 must be an integer from 0 to 3650"),
        ({"PARAMS": "ArchiveDays"}, "PARAMS must be Name=Value pairs with spaces between, not 'ArchiveDays'"),
        ({"YES": "maybe"}, "YES=maybe must be 1"),
    ],
)
def test_a_slip_is_one_clear_line_before_anything_is_built(
    aws: Aws, variables: dict[str, str], message: str
) -> None:
    done = deploy(aws, **{"STACK": "never-deployed", "APP_ID": str(APP_ID), **variables})

    assert done.returncode != 0
    assert message in done.stderr
    assert "Building" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_credentials_are_checked_first(aws: Aws) -> None:
    environment = {name: value for name, value in aws.environment.items() if "KEY" not in name}
    no_credentials = Aws(aws.url, aws.log)
    no_credentials.environment = {**environment, "AWS_EC2_METADATA_DISABLED": "true"}

    done = deploy(no_credentials, STACK="never-deployed", APP_ID=str(APP_ID))

    assert done.returncode != 0
    assert "No AWS credentials" in done.stderr
    assert "Building" not in done.stdout + done.stderr


def test_prod_shows_the_changes_and_a_no_leaves_all_as_it_was(aws: Aws, stack: Stack) -> None:
    # given: a person at a terminal
    before = stack.outputs
    person, terminal = pty.openpty()
    command = ["make", "--no-print-directory", "deploy", "CONFIG=prod", f"APP_ID={APP_ID}"]
    environment = {**aws.environment, "BUILD_PLATFORM": "host", "PYTHON": sys.executable}

    # when: they read the changes and answer no
    os.write(person, b"n\n")
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=terminal, capture_output=True, text=True, check=False
    )
    os.close(terminal)
    os.close(person)

    # then
    assert done.returncode != 0
    assert "TokenApiFunction" in done.stdout
    assert "Deploy these changes to zego-tokens-prod? [y/N]" in done.stdout
    assert "Nothing was changed." in done.stdout
    stacks = aws.client("cloudformation").describe_stacks()["Stacks"]
    assert [each["StackName"] for each in stacks if each["StackName"] == "zego-tokens-prod"] == []
    assert stack.outputs == before
