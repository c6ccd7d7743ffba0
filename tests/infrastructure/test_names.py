"""Names: two stacks never want the same one, and none is too long for what it names."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.deployment.request import MAX_STACK_NAME
from tests.infrastructure.cloudformation import of_type, template, transformed

LONGEST = {
    "AWS::ApiGatewayV2::Api": 128,
    "AWS::CloudWatch::Alarm": 255,
    "AWS::Events::EventBus": 256,
    "AWS::Logs::LogGroup": 512,
    "AWS::Serverless::StateMachine": 80,
}
# Properties that name another resource, or what is in this one.
REFERENCES = {"EventBusName", "FunctionName", "MetricName", "StageName"}
STACK = "${AWS::StackName}"


def names() -> Iterator[tuple[str, str, str]]:
    """Logical id, type and name of each resource that the template names."""
    for logical_id, resource in template()["Resources"].items():
        kind: str = resource["Type"]
        if kind == "AWS::ApiGatewayV2::Authorizer":  # its name is its API's own
            continue
        for key, value in resource.get("Properties", {}).items():
            if key == "Name" or (key.endswith("Name") and key not in REFERENCES):
                yield logical_id, kind, as_text(value)


def as_text(value: Any) -> str:
    match value:
        case {"Ref": "AWS::StackName"}:
            return STACK
        case {"Fn::Sub": str(text)}:
            return text
    return str(value)


def test_each_name_has_the_stacks_name_in_it() -> None:
    found = list(names())

    assert found
    assert [(logical_id, name) for logical_id, _, name in found if STACK not in name] == []


def test_no_name_is_too_long_for_the_longest_name_of_a_stack() -> None:
    for logical_id, kind, name in names():
        assert len(name.replace(STACK, "s" * MAX_STACK_NAME)) <= LONGEST[kind], logical_id


def test_a_longer_name_of_a_stack_would_be_too_long() -> None:
    lengths = {kind: len(name.replace(STACK, "s" * (MAX_STACK_NAME + 1))) for _, kind, name in names()}

    assert lengths["AWS::Serverless::StateMachine"] > LONGEST["AWS::Serverless::StateMachine"]


def test_the_secret_and_the_bucket_that_outlive_a_stack_are_named_by_cloudformation() -> None:
    kept = {
        logical_id: resource["Properties"]
        for logical_id, resource in template()["Resources"].items()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    }

    assert kept.keys() == {"Secret", "Bucket", "BucketPolicy"}
    assert not any(key.endswith("Name") for properties in kept.values() for key in properties)


@pytest.mark.parametrize("group", ["ApiLogGroup", "RosterLogGroup"])
def test_what_other_services_write_is_logged_under_the_short_prefix(group: str) -> None:
    """Elsewhere, each group's name is added to a resource policy of 5,120 characters."""
    properties = of_type(transformed(), "AWS::Logs::LogGroup")[group]

    assert properties["LogGroupName"]["Fn::Sub"].startswith("/aws/vendedlogs/")


def test_nothing_is_paid_for_that_nothing_uses() -> None:
    resources = transformed()

    (table,) = of_type(resources, "AWS::DynamoDB::Table").values()
    assert "SSESpecification" not in table  # a key that AWS owns costs nothing
    assert not of_type(resources, "AWS::KMS::Alias")
