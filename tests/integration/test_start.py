"""What a function loads and reads at start, before its first request."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.aws import create_table
from tests.api import Api
from tests.clocks import FakeClock
from tests.factories import APP_ID, ROOT, SECRET, as_user, sample_event, token_event
from tests.lambda_environment import as_in_lambda
from tests.lines import Line, answer, serving
from tests.outages import OUTAGES
from tests.output import Written
from token_api.handler import create_handler
from zego_service.clients import Clients
from zego_service.deployment import Deployment
from zego_service.errors import OutageError
from zego_service.issuing.revocations import READ_SECONDS
from zego_service.settings import Settings

MOST_MODULES = 310  # 700 in a handler with every tool of Powertools, pydantic and boto3
NEVER_AT_START = {
    "asyncio",
    "aws_xray_sdk",
    "boto3",
    "botocore",
    "csv",
    "pydantic",
    "s3transfer",
    "urllib.request",
    "urllib3",
    "zego_service.issuing.kickout",
    "zego_service.provisioning.provisioner",
}
SETTINGS = Settings(default_app_id=APP_ID)
ROOM = {"room_id": "demo"}


def python(code: str, **variables: str) -> str:
    """What code prints in a new process, with the project and its dependencies and nothing else loaded."""
    paths = (ROOT / "functions", ROOT / "layers" / "zego_token", sysconfig.get_path("purelib"))
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
        "ZEGO_DEFAULT_APP_ID": str(APP_ID),
        **variables,
    }
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def stub() -> Iterator[str]:
    """An AWS that has a secret and no revocations."""
    bodies = {
        b"GetSecretValue": json.dumps({"SecretString": SECRET}).encode(),
        b"GetItem": b"{}",
        b"Query": b'{"Items": []}',
        b"UpdateItem": b"{}",
    }

    def talk(connection: Any, line: Line) -> None:
        while request := line.read_request(connection):
            connection.sendall(answer(next(body for name, body in bodies.items() if b"." + name in request)))

    with serving(talk) as line:
        yield f"http://127.0.0.1:{line.port}"


def test_a_start_and_a_first_request_load_few_modules_and_no_heavy_ones(stub: str) -> None:
    code = (
        "import sys, json, token_api.app\n"
        "from types import SimpleNamespace\n"
        f"event = json.loads({json.dumps(json.dumps(as_user(token_event(fields=ROOM), {'sub': 'alice'})))})\n"
        "context = SimpleNamespace(function_name='f', memory_limit_in_mb=512, invoked_function_arn='a',\n"
        "    aws_request_id='r', get_remaining_time_in_millis=lambda: 10_000)\n"
        "answer = token_api.app.lambda_handler(event, context)\n"
        "print(json.dumps([answer['statusCode'], *sys.modules]))"
    )

    status, *modules = json.loads(python(code, AWS_ENDPOINT_URL=stub, ZEGO_USER_ROOMS="any").splitlines()[-1])

    assert status == 200
    assert set(modules) & NEVER_AT_START == set()
    assert len(modules) <= MOST_MODULES


def test_what_is_loaded_at_start_is_out_of_the_collectors_sight(stub: str) -> None:
    frozen = python("import token_api.app, gc; print(gc.get_freeze_count())", AWS_ENDPOINT_URL=stub)

    assert int(frozen) > 10_000


@pytest.mark.parametrize("function", ["token_api", "provisioner"])
def test_each_function_starts_in_a_process_of_its_own(function: str, stub: str) -> None:
    code = f"import {function}.app; print(callable({function}.app.lambda_handler))"

    assert python(code, AWS_ENDPOINT_URL=stub) == "True\n"


def test_powertools_is_whole_for_those_who_ask_for_more() -> None:
    code = (
        "import token_api, sys, logging\n"
        "from aws_lambda_powertools import Tracer\n"
        "from aws_lambda_powertools.event_handler import AppSyncResolver, Response, content_types\n"
        "from aws_lambda_powertools.utilities.data_classes import SQSEvent, APIGatewayProxyEventV2\n"
        "from aws_lambda_powertools.metrics import Metrics, single_metric\n"
        "from aws_lambda_powertools.event_handler.api_gateway import Response as Same\n"
        "assert Response is Same and hasattr(Tracer, 'capture_method')\n"
        "print(len(logging.getLogger('aws_lambda_powertools').handlers) > 0)"
    )

    assert python(code).splitlines()[-1] == "True"


def test_a_name_that_powertools_does_not_have_is_an_import_error() -> None:
    code = (
        "import token_api\n"
        "try:\n    from aws_lambda_powertools.event_handler import Nothing\n"
        "except ImportError as error:\n    print(error.name)"
    )

    assert python(code).strip() == "aws_lambda_powertools.event_handler"


class Aws:
    """Secrets Manager and DynamoDB, which fail at first with what a test says."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.asked: list[str] = []

    def _answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(operation)
        if self._failures:
            raise self._failures.pop()
        return body

    def get_secret_value(self, **_: object) -> dict[str, Any]:
        return self._answer("GetSecretValue", {"SecretString": SECRET})

    def query(self, **_: object) -> dict[str, Any]:
        return self._answer("Query", {"Items": []})

    def deployment(self, clock: FakeClock, settings: Settings = SETTINGS) -> Deployment:
        return Deployment.over(settings, Clients(made={"secretsmanager": self, "dynamodb": self}), clock)


def test_the_first_request_finds_secret_and_revocations_read() -> None:
    aws, clock = Aws(), FakeClock()
    deployment = aws.deployment(clock)

    with deployment.reading_ahead():
        api = Api(create_handler(deployment))

    assert sorted(aws.asked) == ["GetSecretValue", "Query"]
    assert api(token_event()).status == 200
    assert len(aws.asked) == 2


def test_what_was_read_ahead_ages_as_if_a_request_had_read_it() -> None:
    # given: a function that was started long before its first request
    aws, clock = Aws(), FakeClock()
    deployment = aws.deployment(clock)
    with deployment.reading_ahead():
        api = Api(create_handler(deployment))

    # when
    clock.freeze(READ_SECONDS)
    api(token_event())

    # then
    assert sorted(aws.asked) == ["GetSecretValue", "Query", "Query"]


@pytest.mark.parametrize(
    "failure", [*OUTAGES, RuntimeError("canary"), KeyError("canary")], ids=lambda error: repr(error)[:40]
)
def test_a_failure_to_read_ahead_is_left_to_the_first_request(failure: Exception, written: Written) -> None:
    aws = Aws(failure, failure)
    deployment = aws.deployment(FakeClock())

    with deployment.reading_ahead():
        api = Api(create_handler(deployment))

    assert len(aws.asked) == 2
    before = written()
    assert "_aws" not in before  # nothing is counted, so no alarm goes off
    assert "canary" not in before
    assert api(token_event()).status == 200


@pytest.mark.parametrize("secret", ["too short", json.dumps({"other": 1})])
def test_a_malformed_secret_is_left_to_the_first_request(secret: str, written: Written) -> None:
    with mock_aws():
        client = boto3.client("secretsmanager")
        client.create_secret(Name=f"zego/{APP_ID}", SecretString=secret)
        create_table()
        made = {"secretsmanager": client, "dynamodb": boto3.client("dynamodb")}
        deployment = Deployment.over(SETTINGS, Clients(made=made))

        with deployment.reading_ahead():
            api = Api(create_handler(deployment))

        assert "_aws" not in written()
        assert api(sample_event("http_api_token04_room")).status == 500


def test_without_an_app_of_its_own_nothing_is_read_ahead() -> None:
    aws = Aws()

    with aws.deployment(FakeClock(), Settings()).reading_ahead():
        pass

    assert aws.asked == []


def test_reading_ahead_is_over_when_the_start_is_and_leaves_no_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given: an AWS that accepts connections and never answers
    def talk(connection: Any, line: Line) -> None:
        while line.read_request(connection):
            pass

    with serving(talk) as line:
        as_in_lambda(monkeypatch, f"http://127.0.0.1:{line.port}")
        clients = Clients()
        deployment = Deployment.over(SETTINGS, clients)

        # when
        with deployment.reading_ahead():
            pass
        asked = len(line.requests)
        with pytest.raises(OutageError) as outage:
            clients.get_item("t", {})

    # then: one try for the secret and two for the revocations have ended, and later calls have their own time
    assert asked == 3
    assert outage.value.cause == "ReadTimeoutError"
