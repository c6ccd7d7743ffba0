"""`make deploy`, as a person types it, where no AWS is."""

from pathlib import Path

import pytest

from local.aws import ENVIRONMENT
from tests.e2e.commands import make

APP_ID = "1234567890"
NOWHERE = {**ENVIRONMENT, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}


def told(*arguments: str, **variables: str) -> str:
    """The one line of a `make deploy` that is refused."""
    done = make("deploy", *arguments, **NOWHERE, **variables)
    assert done.returncode != 0
    line, failed = done.stderr.splitlines()
    assert failed.startswith("make: *** ")
    assert done.stdout == ""
    return line


def test_it_says_that_aws_cannot_be_reached() -> None:
    line = told(f"APP_ID={APP_ID}", "REGION=eu-nowhere-9")

    assert line.startswith("AWS cannot be reached in eu-nowhere-9. Check that the region")


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_no_shell_reads_the_values(tmp_path: Path, how: str) -> None:
    file = tmp_path / "made"
    value = f"$(shell touch {file})$HOME`touch {file}`;touch$IFS{file}"
    given = f'UserIdClaim="{value}"'

    line = told(f"PARAMS={given}") if how == "argument" else told(PARAMS=given)

    assert line == f"PARAMS: UserIdClaim={value} must be the name of a claim."
    assert not file.exists()


@pytest.mark.exploration
@pytest.mark.parametrize("name", ["APP_ID", "CONFIG", "REGION", "STACK", "YES"])
def test_no_shell_reads_the_other_options(tmp_path: Path, name: str) -> None:
    file = tmp_path / "made"
    value = f"a'$(shell touch {file})`touch {file}`"

    assert f"{name}={value} " in told(f"{name}={value}")
    assert not file.exists()
