"""The deployed state machine for rosters: the template's file, run over the provisioner's own handler."""

import json
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.deployment import Deployment
from tests.infrastructure.cloudformation import roster_definition
from tests.provisioning_events import at_hour
from tests.statemachine.interpreter import Interpreter

INVOKE = (
    "moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils._invoke_lambda_function"
)
ALIAS = "arn:aws:lambda:eu-central-1:123456789012:function:provisioner:live"
RUN = "run-1"
UPLOADED_AT = at_hour(0)
Payload = dict[str, Any]
Fails = Callable[[Payload], Exception | None]


class Function:
    """The provisioner as the state machine calls it: its payloads, and which of them it fails on."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._one_at_a_time = Lock()
        self.names: set[str] = set()
        self.payloads: list[Payload] = []
        self.fails: Fails = lambda _: None

    def __call__(self, parameters: Mapping[str, Any], **_client: object) -> dict[str, Any]:
        with self._one_at_a_time:
            payload = json.loads(parameters["Payload"])
            self.names.add(parameters["FunctionName"])
            self.payloads.append(payload)
            error = self.fails(payload)
            if isinstance(error, ClientError):  # Lambda has not called the function
                raise error
            try:
                if error is not None:
                    raise error
                return {"StatusCode": 200, "Payload": self._deployment(payload)}
            except Exception as raised:  # noqa: BLE001 - as Lambda does
                described = {"errorType": type(raised).__name__, "errorMessage": str(raised)}
                return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": described}

    @property
    def batches(self) -> list[Payload]:
        return [payload for payload in self.payloads if "BatchInput" in payload]


class Rosters:
    """A stack that tolerates a quarter of bad rows. What is uploaded starts a run, as the rule does."""

    def __init__(self, deployment: Deployment, function: Function, interpreter: Interpreter) -> None:
        self.deployment, self.function, self.interpreter = deployment, function, interpreter
        names = {"Bucket": deployment.settings.bucket, "ProvisionerFunctionAliaslive": ALIAS}
        definition = roster_definition(names, RosterToleratedBadPercent="25", ProvisioningConcurrency="3")
        self._client = boto3.client("stepfunctions")
        self._deploy("rosters", definition)

    def _deploy(self, name: str, definition: dict[str, Any]) -> None:
        self._definition = definition
        self._arn = self._client.create_state_machine(
            name=name,
            definition=json.dumps(self.interpreter.accept(definition)),
            roleArn="arn:aws:iam::123456789012:role/rosters",
        )["stateMachineArn"]

    def change(self, edit: Callable[[dict[str, Any]], None]) -> None:
        """Deploy another definition, to see what the interpreter makes of it."""
        edit(self._definition)
        self._deploy("changed", self._definition)

    def upload(self, name: str, text: str | bytes) -> dict[str, Any]:
        """Upload a file under ``rosters/``; returns the event that S3 would emit."""
        key = f"rosters/{name}"
        body = text if isinstance(text, bytes) else text.encode()
        put = self.deployment.clients.s3.put_object(
            Bucket=self.deployment.settings.bucket, Key=key, Body=body
        )
        return {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "time": UPLOADED_AT,
            "detail": {
                "bucket": {"name": self.deployment.settings.bucket},
                "object": {"key": key, "version-id": put["VersionId"], "size": len(body)},
            },
        }

    def run(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Execute the state machine, and describe how it ended."""
        execution = self._client.start_execution(stateMachineArn=self._arn, name=RUN, input=json.dumps(event))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            answer: Any = self._client.describe_execution(executionArn=execution["executionArn"])
            if answer["status"] != "RUNNING":
                return {**answer, "output": json.loads(answer.get("output") or "null")}
            time.sleep(0.05)  # each question costs the interpreter ten milliseconds
        raise TimeoutError

    def grant(self, name: str, text: str | bytes) -> dict[str, Any]:
        """Upload a roster, and run it."""
        return self.run(self.upload(name, text))

    def granted(self, *users: str) -> list[str]:
        """Those of these users who may publish in the room ``demo``."""
        answers = {user: self.deployment.answer("demo", user) for user in users}
        return [user for user, answer in answers.items() if not isinstance(answer, str) and answer[1]]

    def errors(self) -> list[str]:
        """The lines of the run's list of bad rows, without its header."""
        key = f"results/{RUN}/errors.csv"
        return self.deployment.objects(key)[key].splitlines()[1:]
