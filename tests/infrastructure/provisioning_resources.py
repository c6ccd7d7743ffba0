"""Names and parts of the resources that provision."""

from typing import Any

from tests.infrastructure.cloudformation import (
    transformed,
)

BUCKET = {"Fn::GetAtt": ["Bucket", "Arn"]}
EVENT_BUS = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${Bus}"
STATE_MACHINE = (
    "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:${AWS::StackName}-rosters"
)
EXECUTION = STATE_MACHINE.replace(":stateMachine:", ":execution:")
MAPS = ("GrantCsv", "GrantJsonl")


def arn(name: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, "Arn"]}


def properties(name: str, **parameters: str) -> dict[str, Any]:
    found: dict[str, Any] = transformed(**parameters)[name]["Properties"]
    return found
