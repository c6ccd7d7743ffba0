"""An account to deploy to: CloudFormation's answers, and a sam that makes change sets in it."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from samcli.cli.types import CfnParameterOverridesType

ACCOUNT = "123456789012"
SECRET_ARN = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:Secret-AbCdEfGhIjKl-AbCdEf"
OUTPUTS = {
    "ApiUrl": "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
    "SecretArn": SECRET_ARN,
    "PutSecretCommand": (
        "aws secretsmanager put-secret-value --region eu-central-1 "
        f"--secret-id {SECRET_ARN} --secret-string file:///dev/stdin"
    ),
}


@dataclass
class StackState:
    """A stack in the account."""

    status: str
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=lambda: dict(OUTPUTS))
    events: list[dict[str, str]] = field(default_factory=list)


class Cloud:
    """The account. ``calls`` has what changes something, in order."""

    def __init__(self) -> None:
        self.stacks: dict[str, StackState] = {}
        self.change_sets: dict[str, tuple[str, dict[str, str]]] = {}
        self.calls: list[str] = []
        self.regions: set[str] = set()
        self.refusals: dict[str, Exception] = {}
        self.passed: dict[str, str] = {}
        self.secret_has_value = False
        self.failing: tuple[str, str] | None = None
        self.build_fails = False

    def api_call(self, client: BaseClient, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        self.regions.add(client.meta.region_name)
        if operation in self.refusals:
            raise self.refusals[operation]
        answer: dict[str, Any] = getattr(self, f"_{xform_name(operation)}")(given)
        return answer

    def sam(self, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """As sam answers on its standard output."""
        self.calls.append(f"sam {arguments[0]}")
        if arguments[0] == "build":
            output = "Notice: no Python 3.13 here\nBuild Failed\n"
            return subprocess.CompletedProcess([], int(self.build_fails), output, "")
        options = dict(pairwise(arguments))
        overrides = CfnParameterOverridesType().convert((options["--parameter-overrides"],), None, None)
        self.passed = dict(overrides)
        name = options["--stack-name"]
        stack = self.stacks.setdefault(name, StackState("REVIEW_IN_PROGRESS"))
        parameters = stack.parameters | overrides
        if stack.parameters == parameters:
            return result({"status": "no_changes"})
        identifier = f"arn:change-set/{len(self.change_sets)}"
        self.change_sets[identifier] = name, parameters
        return result({"status": "changeset_created", "changeset_id": identifier})

    def _get_caller_identity(self, _given: Mapping[str, Any]) -> dict[str, Any]:
        return {"Account": ACCOUNT}

    def _describe_secret(self, _given: Mapping[str, Any]) -> dict[str, Any]:
        return {"VersionIdsToStages": {"v": ["AWSCURRENT"]}} if self.secret_has_value else {}

    def _describe_stacks(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name = given["StackName"]
        if name not in self.stacks:
            message = f"Stack with id {name} does not exist"
            raise refusal("ValidationError", message)
        stack = self.stacks[name]
        return {
            "Stacks": [
                {
                    "StackStatus": stack.status,
                    "Parameters": pairs(stack.parameters, "Parameter"),
                    "Outputs": pairs(stack.outputs, "Output"),
                }
            ]
        }

    def _describe_change_set(self, _given: Mapping[str, Any]) -> dict[str, Any]:
        table = {"LogicalResourceId": "Table", "ResourceType": "AWS::DynamoDB::Table"}
        return {
            "Changes": [
                {"ResourceChange": {**table, "Action": "Modify", "Replacement": "True"}},
                {"ResourceChange": {**table, "LogicalResourceId": "Other", "Action": "Add"}},
            ]
        }

    def _describe_stack_events(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"StackEvents": self.stacks[given["StackName"]].events[::-1]}

    def _delete_stack(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append("delete stack")
        del self.stacks[given["StackName"]]
        return {}

    def _delete_change_set(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append("delete change set")
        del self.change_sets[given["ChangeSetName"]]
        return {}

    def _execute_change_set(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append("execute")
        name, parameters = self.change_sets.pop(given["ChangeSetName"])
        stack = self.stacks[name]
        verb = "CREATE" if stack.status == "REVIEW_IN_PROGRESS" else "UPDATE"
        stack.events.append(event(stack, name, f"{verb}_IN_PROGRESS", is_stack=True))
        if self.failing is None:
            stack.status, stack.parameters = f"{verb}_COMPLETE", parameters
            stack.events.append(event(stack, "Table", f"{verb}_COMPLETE"))
        else:
            stack.status = "ROLLBACK_COMPLETE" if verb == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
            stack.events.append(event(stack, self.failing[0], f"{verb}_FAILED", reason=self.failing[1]))
            stack.events.append(event(stack, "Other", f"{verb}_FAILED", reason="Resource creation cancelled"))
        stack.events.append(event(stack, name, stack.status, is_stack=True))
        return {}


def refusal(code: str, message: str = "no\nlonger valid.") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


def result(fields: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    lines = [json.dumps({"type": "info"}), "not JSON", json.dumps({"type": "result", **fields})]
    return subprocess.CompletedProcess([], 0, "\n".join(lines), "")


def pairs(values: Mapping[str, str], kind: str) -> list[dict[str, str]]:
    return [{f"{kind}Key": name, f"{kind}Value": value} for name, value in values.items()]


def event(
    stack: StackState, name: str, status: str, reason: str = "", *, is_stack: bool = False
) -> dict[str, str]:
    return {
        "EventId": str(len(stack.events)),
        "StackId": "arn:stack",
        "PhysicalResourceId": "arn:stack" if is_stack else name,
        "LogicalResourceId": name,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The account that all calls of this process reach."""
    cloud = Cloud()

    def call(client: BaseClient, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        return cloud.api_call(client, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr("local.deployment.sam.run_sam", cloud.sam)
    return cloud
