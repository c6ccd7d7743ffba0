"""`zego-token doctor`, `secret` and `--api` on the deployed stack, with the AWS that the stack is in."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.cli.conftest import Command, command
from tests.factories import APP_ID
from tests.independent import open_token
from tests.stack.aws import Aws, await_that
from tests.stack.deployed import Stack
from tests.stack.reached import reach_apis

__all__ = ["command"]
Checks = Mapping[str, dict[str, str]]


@pytest.fixture
def shell(aws: Aws, stack: Stack, command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line with the administrator's keys, where the API's host is that of ``aws``."""
    reach_apis(aws, monkeypatch)
    assert stack.outputs["ApiUrl"]
    return command


def api_of(stack: Stack) -> str:
    """The API's URL as it is in AWS: over TLS."""
    return f"https://{urlsplit(stack.outputs['ApiUrl']).netloc}"


def checks(shell: Command, stack: Stack) -> Checks:
    ended = shell("doctor", "--stack", stack.name, "--json")
    return {check["name"]: check for check in json.loads(ended.out)["checks"]}


def test_the_doctor_finds_the_stack_well_but_for_its_alarms(shell: Command, stack: Stack) -> None:
    found = checks(shell, stack)

    assert {name: check["state"] for name, check in found.items()} == {
        "credentials": "ok",
        "stack": "ok",
        "health": "ok",
        "clock": "ok",
        "secret": "ok",
        "token": "ok",
        "unsigned call": "ok",
        "JWT issuer": "ok",
        "alarms": "problem",
        "table": "ok",
    }
    assert "notify nobody" in found["alarms"]["detail"]
    assert "AlarmTopicArn" in found["alarms"]["what_to_do"]


def test_a_wrong_secret_is_found_and_put_right(
    shell: Command, stack: Stack, server_secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.put_secret(server_secret[:31])

    assert "31 bytes" in checks(shell, stack)["secret"]["detail"]

    monkeypatch.setenv("ZEGO_SERVER_SECRET", server_secret)
    assert shell("secret", "put", "--stack", stack.name).status == 0
    stack.await_secret()
    found = checks(shell, stack)
    assert (found["secret"]["state"], found["token"]["state"]) == ("ok", "ok")


def test_tokens_are_made_and_inspected_by_the_deployed_service(
    shell: Command, stack: Stack, server_secret: str
) -> None:
    there = ("--api", api_of(stack))
    made = shell("create", "alice", "--room", "demo", "--publish", *there)
    right = shell("inspect", made.out.strip(), "--json", *there)
    wrong = shell("inspect", made.out.strip(), "--json", "--user", "bob", *there)

    content: dict[str, Any] = open_token(made.out.strip(), server_secret).content
    assert (content["app_id"], content["user_id"]) == (APP_ID, "alice")
    assert (right.status, json.loads(right.out)["findings"]) == (0, [])
    assert (wrong.status, json.loads(wrong.out)["findings"][0]["code"]) == (1, "other-user")


def test_a_token_of_before_the_rotation_is_recognised(
    shell: Command, stack: Stack, server_secret: str
) -> None:
    there = ("--api", api_of(stack))
    token = shell("create", "alice", "--room", "demo", "--publish", *there).out.strip()
    stack.put_secret("f" * 32)
    try:
        stack.await_secret()

        def inspected() -> list[str]:
            found = json.loads(shell("inspect", token, "--json", *there).out)["findings"]
            return [finding["code"] for finding in found]

        before = ["made-before-the-rotation"]
        await_that(lambda: inspected() == before, 30, "the rotation is seen")
    finally:
        stack.put_secret(server_secret)
    stack.await_secret()
