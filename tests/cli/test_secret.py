"""`zego-token secret`: checks a ServerSecret, and stores it, without showing it."""

from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.cli.clouds import account
from tests.cli.conftest import Command
from tests.factories import OTHER_SECRET, SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def secrets_manager() -> "Iterator[SecretsManagerClient]":
    with account({"zego-tokens-dev": {"Outputs": {"SecretArn": "zego/of-stack"}, "Parameters": {}}}):
        yield boto3.client("secretsmanager")


def stored(client: "SecretsManagerClient", secret_id: str) -> str:
    return client.get_secret_value(SecretId=secret_id)["SecretString"]


def test_check_says_whether_the_form_is_right(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    right = command("secret", "check", "--secret-file", str(file))
    file.write_text(SECRET * 2)
    wrong = command("secret", "check", "--secret-file", str(file))

    assert (right.status, "32 bytes" in right.out) == (0, True)
    assert (wrong.status, "AppSign" in wrong.out) == (1, True)
    assert SECRET not in right.out + right.err + wrong.out + wrong.err


def test_check_reads_secrets_manager(command: Command, secrets_manager: "SecretsManagerClient") -> None:
    secrets_manager.create_secret(Name="zego/1", SecretString="placeholder")
    secrets_manager.create_secret(Name="zego/2", SecretBinary=b"\x00")

    assert command("secret", "check", "--secret-id", "zego/1").status == 1
    assert (command("secret", "check", "--secret-id", "zego/2")).status == 3
    absent = command("secret", "check", "--secret-id", "zego/3")
    assert (absent.status, absent.err.count("\n")) == (4, 1)


def test_put_stores_in_a_secret_or_in_a_stacks(
    with_key: Command, secrets_manager: "SecretsManagerClient"
) -> None:
    secrets_manager.create_secret(Name="zego/1", SecretString=OTHER_SECRET)
    secrets_manager.create_secret(Name="zego/of-stack")

    by_name = with_key("secret", "put", "--secret-id", "zego/1")
    by_stack = with_key("secret", "put", "--stack", "zego-tokens-dev")

    assert (by_name.status, stored(secrets_manager, "zego/1")) == (0, SECRET)
    assert (by_stack.status, stored(secrets_manager, "zego/of-stack")) == (0, SECRET)
    assert SECRET not in by_name.out + by_name.err


def test_put_refuses_what_is_no_secret(
    command: Command, secrets_manager: "SecretsManagerClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets_manager.create_secret(Name="zego/1", SecretString=OTHER_SECRET)
    monkeypatch.setenv("ZEGO_SERVER_SECRET", SECRET[:31])

    assert command("secret", "put", "--secret-id", "zego/1").status == 3
    assert stored(secrets_manager, "zego/1") == OTHER_SECRET
    assert command("secret", "put").status == 2
    assert command("secret", "put", "--secret-id", "zego/1", "--stack", "s").status == 2


@pytest.mark.parametrize("arguments", [("--stack", "absent"), ("--secret-id", "zego/absent")])
def test_put_says_in_one_line_what_aws_refuses(
    with_key: Command, secrets_manager: "SecretsManagerClient", arguments: tuple[str, str]
) -> None:
    assert secrets_manager.list_secrets()["SecretList"] == []

    ended = with_key("secret", "put", *arguments)

    assert (ended.status, ended.out, ended.err.count("\n")) == (4, "", 1)
    assert "AWS refused" in ended.err


def test_a_profile_that_there_is_not(with_key: Command) -> None:
    ended = with_key("secret", "put", "--secret-id", "zego/1", "--profile", "absent")

    assert (ended.status, "absent" in ended.err) == (3, True)
