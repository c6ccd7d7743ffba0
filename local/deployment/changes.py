"""The change set: made by `sam deploy`, shown, and executed."""

import json
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.build import ROOT
from local.deployment.parameters import DeployError
from local.deployment.stack import Account, aws_errors

POLL_SECONDS = 2
_GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


@dataclass(frozen=True)
class ChangeSet:
    """A change set that can be executed."""

    identifier: str
    stack: str
    creates: bool


def create_change_set(
    account: Account, configuration: str, stack: str, values: Mapping[str, str], *, creates: bool
) -> ChangeSet | None:
    """Upload what was built and have CloudFormation work out the changes; None where there are none."""
    with TemporaryDirectory() as folder:
        overrides = (
            Path(folder) / "parameters.yaml"
        )  # as a file, so that no value is parsed by a shell or sam
        overrides.write_text(as_overrides(values), encoding="utf-8")
        command = [
            *(str(Path(sys.executable).with_name("sam")), "deploy", "--config-env", configuration),
            *("--stack-name", stack, "--region", account.region, "--output", "json"),
            *("--no-confirm-changeset", "--no-execute-changeset", "--no-fail-on-empty-changeset"),
            *("--parameter-overrides", f"file://{overrides}"),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    result = _result(done.stdout)
    if done.returncode or result is None:
        raise DeployError(f"sam deploy failed:\n{(done.stderr or done.stdout).strip()}")
    if result["status"] == "no_changes":
        return None
    return ChangeSet(result["changeset_id"], stack, creates)


def as_overrides(values: Mapping[str, str]) -> str:
    """The parameters as the text of a YAML file for sam."""
    # sam removes quotes twice: as it reads the file, and once more as it reads what names the file.
    return json.dumps({name: _quoted(_quoted(value)) for name, value in values.items()}, ensure_ascii=False)


def _quoted(value: str) -> str:
    """As sam unquotes it."""
    for character in (" ", '"', "'"):
        value = value.replace(character, f"\\{character}")
    return f'"{value}"'


def _result(output: str) -> dict[str, Any] | None:
    """The last of sam's JSON lines that is a result."""
    for line in reversed(output.splitlines()):
        try:
            parsed = json.loads(line)
        except ValueError:
            continue
        if isinstance(parsed, dict) and parsed.get("type") == "result":
            return parsed
    return None


def show(account: Account, changes: ChangeSet) -> None:
    """Print what would be added, modified and removed."""
    with aws_errors(account.region):
        pages = account.cloudformation.get_paginator("describe_change_set").paginate(
            ChangeSetName=changes.identifier, StackName=changes.stack
        )
        found = [change["ResourceChange"] for page in pages for change in page["Changes"]]
    for change in found:
        is_replaced = change.get("Replacement") == "True"
        action = "Replace" if is_replaced else change["Action"]
        print(
            f"  {action:<8} {change['LogicalResourceId']:<36} {change['ResourceType'].removeprefix('AWS::')}"
        )


def discard(account: Account, changes: ChangeSet) -> None:
    """Leave nothing of a change set that is not wanted."""
    with aws_errors(account.region):
        if changes.creates:  # the stack itself exists for this change set alone
            account.cloudformation.delete_stack(StackName=changes.stack)
        else:
            account.cloudformation.delete_change_set(
                ChangeSetName=changes.identifier, StackName=changes.stack
            )


def execute(account: Account, changes: ChangeSet) -> None:
    """Execute the change set and print each resource; raises :class:`DeployError` where it fails."""
    with aws_errors(account.region):
        seen = {event["EventId"] for event in _events(account, changes.stack, set())}
        account.cloudformation.execute_change_set(ChangeSetName=changes.identifier, StackName=changes.stack)
    failed: list[str] = []
    while True:
        with aws_errors(account.region):
            events = list(_events(account, changes.stack, seen))
        for event in reversed(events):
            seen.add(event["EventId"])
            failed += _print_event(event)
            status = event["ResourceStatus"]
            if event["PhysicalResourceId"] == event["StackId"] and status.endswith(("_COMPLETE", "_FAILED")):
                if status not in _GOOD:
                    raise DeployError("\n  ".join([f"The stack is in state {status}, because:", *failed]))
                return
        time.sleep(POLL_SECONDS)


def _print_event(event: Mapping[str, Any]) -> list[str]:
    """Print an event; returns the reason where it is the cause of a failure."""
    status, name = event["ResourceStatus"], event["LogicalResourceId"]
    if not status.endswith("_IN_PROGRESS"):
        print(f"  {status:<28} {name}", flush=True)
    reason = event.get("ResourceStatusReason", "")
    is_cause = status.endswith("_FAILED") and "cancelled" not in reason
    return [f"{name}: {reason}"] if is_cause else []


def _events(account: Account, stack: str, seen: Collection[str]) -> Iterator[Mapping[str, Any]]:
    """The stack's events that are not seen yet, newest first."""
    pages = account.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    events = (event for page in pages for event in page["StackEvents"])
    return takewhile(lambda event: event["EventId"] not in seen, events)
