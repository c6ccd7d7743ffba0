"""A deployed state machine for each test."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.deployment import Deployment
from tests.statemachine.deployed import INVOKE, Function, Rosters
from tests.statemachine.interpreter import Interpreter


@pytest.fixture
def rosters(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rosters]:
    interpreter = Interpreter()
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}), interpreter.running():
        deployment = Deployment()
        deployment.clients.s3.put_bucket_versioning(
            Bucket=deployment.settings.bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        function = Function(deployment)
        monkeypatch.setattr(INVOKE, function)
        yield Rosters(deployment, function, interpreter)
