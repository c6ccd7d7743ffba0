"""A change set: shown, executed or discarded."""

import sys
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from local.deployment.parameters import DeployError
from local.deployment.stack import Account
from local.terminal import Step, bold

POLL_SECONDS = 2
_GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


@dataclass(frozen=True)
class ChangeSet:
    """A change set that can be executed."""

    identifier: str
    stack: str
    creates: bool


def show(account: Account, changes: ChangeSet) -> None:
    """Print what would be added, modified and removed."""
    with account.errors():
        pages = account.cloudformation.get_paginator("describe_change_set").paginate(
            ChangeSetName=changes.identifier, StackName=changes.stack
        )
        found = [change["ResourceChange"] for page in pages for change in page["Changes"]]
    print("\n" + bold("Changes", sys.stdout) + "\n")
    for change in found:
        is_replaced = change.get("Replacement") == "True"
        action = "Replace" if is_replaced else change["Action"]
        print(
            f"  {action:<8} {change['LogicalResourceId']:<36} {change['ResourceType'].removeprefix('AWS::')}"
        )


def discard(account: Account, changes: ChangeSet) -> None:
    """Delete a change set that was declined."""
    with account.errors():
        if changes.creates:  # the stack exists only for this change set
            account.cloudformation.delete_stack(StackName=changes.stack)
        else:
            account.cloudformation.delete_change_set(
                ChangeSetName=changes.identifier, StackName=changes.stack
            )


def execute(account: Account, changes: ChangeSet, working: Step) -> None:
    """Execute the change set and print each resource. Raises :class:`DeployError` if it fails."""
    with account.errors():
        seen = {event["EventId"] for event in _events(account, changes.stack, set())}
        account.cloudformation.execute_change_set(ChangeSetName=changes.identifier, StackName=changes.stack)
    failed: list[str] = []
    while True:
        with account.errors():
            events = list(_events(account, changes.stack, seen))
        for event in reversed(events):
            seen.add(event["EventId"])
            failed += _report(event, working)
            status = event["ResourceStatus"]
            if event["PhysicalResourceId"] == event["StackId"] and status.endswith(("_COMPLETE", "_FAILED")):
                if status not in _GOOD:
                    raise DeployError("\n  ".join([f"The stack is in state {status}, because:", *failed]))
                return
        time.sleep(POLL_SECONDS)


def _report(event: Mapping[str, Any], working: Step) -> list[str]:
    """Print an event that ends something. Returns its reason if it caused a failure."""
    status, name = event["ResourceStatus"], event["LogicalResourceId"]
    if status.endswith("_IN_PROGRESS"):
        working.doing = name
    else:
        working.say(f"  {status:<28} {name}")
    reason = event.get("ResourceStatusReason", "")
    is_cause = status.endswith("_FAILED") and "cancelled" not in reason
    return [f"{name}: {reason}"] if is_cause else []


def _events(account: Account, stack: str, seen: Collection[str]) -> Iterator[Mapping[str, Any]]:
    """The stack's new events, newest first."""
    pages = account.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    events = (event for page in pages for event in page["StackEvents"])
    return takewhile(lambda event: event["EventId"] not in seen, events)
