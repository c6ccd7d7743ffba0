"""An account for the command line: moto, with CloudFormation's stacks as a test says them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws

Stacks = dict[str, dict[str, dict[str, str]]]


@contextmanager
def account(stacks: Stacks) -> Iterator[None]:
    """Moto, where ``stacks`` has each stack's Outputs and Parameters by name."""
    made_call: Any = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(client: Any, operation: str, given: Mapping[str, Any]) -> Any:
        if operation != "DescribeStacks":
            return made_call(client, operation, given)
        name = given["StackName"]
        if name not in stacks:
            message = f"Stack with id {name} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, operation)
        stack = stacks[name]
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in stack["Outputs"].items()]
        parameters = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in stack["Parameters"].items()
        ]
        return {"Stacks": [{"Outputs": outputs, "Parameters": parameters}]}

    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", call)
        yield
