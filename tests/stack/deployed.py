"""A stack that was deployed, and a client of its API."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.factories import APP_ID, ROOT
from tests.stack.aws import ENVIRONMENT, REGION, Aws, await_that, show

SECRET_SECONDS = 40  # an absent secret is looked for again after 30 seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; ``json`` is empty where there is none."""

    status: int
    headers: Mapping[str, str]
    json: dict[str, Any]


class Stack:
    """A deployed stack, as its users have it: by its outputs alone."""

    def __init__(self, aws: Aws, name: str) -> None:
        self.aws = aws
        self.name = name

    @property
    def outputs(self) -> dict[str, str]:
        (stack,) = self.aws.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        signed: bool = True,
        jwt: str | None = None,
    ) -> Answer:
        """Call the API, signed as the account's administrator, or with a JWT instead."""
        host = urlsplit(self.outputs["ApiUrl"]).netloc
        data = None if body is None else json.dumps(body)
        request = AWSRequest(method, f"http://{host}{path}", {"Host": host}, data)
        if data is not None:
            request.headers["Content-Type"] = "application/json"
        if jwt is not None:
            request.headers["Authorization"] = f"Bearer {jwt}"
        elif signed:
            SigV4Auth(Credentials("test", "test"), "execute-api", REGION).add_auth(request)
        server = urlsplit(self.aws.url)
        with closing(HTTPConnection(str(server.hostname), server.port, timeout=60)) as connection:
            connection.request(method, path, data, dict(request.headers))
            answer = connection.getresponse()
            content = answer.read()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, json.loads(content) if content else {})

    def await_call(self, method: str, path: str, body: Mapping[str, Any], status: int) -> Answer:
        """The answer to a call as soon as it has this status."""

        def answered() -> Answer | None:
            answer = self.call(method, path, body)
            return answer if answer.status == status else None

        found = await_that(answered, 60, f"{method} {path} answers {status}")
        assert found is not None
        return found

    def await_metric(self, name: str, dimensions: Mapping[str, str]) -> dict[str, Any]:
        """A metric as soon as the token API's log has it, with this name and these dimensions."""

        def written() -> dict[str, Any] | None:
            listed = self.aws.client("logs").filter_log_events(
                logGroupName=f"/aws/lambda/{self.name}-token-api", filterPattern=f'"{name}"'
            )
            lines = (json.loads(each["message"]) for each in listed["events"] if "_aws" in each["message"])
            wanted = (line for line in lines if name in line and dimensions.items() <= line.items())
            return next(wanted, None)

        line = await_that(written, 30, f"the log has the metric {name}") or {}
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        return {
            "Namespace": directive["Namespace"],
            "MetricName": name,
            "Dimensions": [{"Name": each, "Value": line[each]} for each in directive["Dimensions"][0]],
            "Value": sum(line[name]) if isinstance(line[name], list) else line[name],
        }

    def alarm(self, suffix: str, metric: Mapping[str, Any]) -> dict[str, Any]:
        """An alarm after CloudWatch has read a metric out of a log, which ministack does not do by itself."""
        cloudwatch = self.aws.client("cloudwatch")
        data = {name: value for name, value in metric.items() if name != "Namespace"}
        cloudwatch.put_metric_data(Namespace=metric["Namespace"], MetricData=[data])
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[f"{self.name}-{suffix}"])["MetricAlarms"]
        found: dict[str, Any] = alarm
        by_name = [sorted(each["Dimensions"], key=str) for each in (found, metric)]
        assert by_name[0] == by_name[1], "the alarm reads another metric"
        return found

    def dead_letters(self) -> int:
        """How many events could not be provisioned."""
        attributes = self.aws.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs["ProvisioningDeadLetterQueueUrl"],
            AttributeNames=["ApproximateNumberOfMessages"],
        )["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def put_secret(self, secret: str) -> None:
        """Run the command that the stack prints, as a person who pastes the secret."""
        self.run_printed("PutSecretCommand", secret + "\n")

    def run_printed(self, output: str, written: str = "") -> None:
        """Run a command of the outputs, with the AWS CLI."""
        self.run_command(self.outputs[output], written)

    def run_command(self, command: str, written: str = "") -> None:
        """Run a command of the AWS CLI."""
        program, *arguments = shlex.split(command)
        assert program == "aws"
        subprocess.run(
            [str(ENVIRONMENT / "bin" / "python"), "-m", "awscli", *arguments],
            input=written,
            text=True,
            env=self.aws.environment,
            capture_output=True,
            check=True,
        )

    def await_secret(self) -> None:
        """Return as soon as tokens are issued."""
        body = {"user_id": "alice"}
        await_that(
            lambda: self.call("POST", "/v1/tokens", body).status == 200, SECRET_SECONDS, "there are tokens"
        )

    def announce(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Put an event on the stack's bus, as a booking system does."""
        answer = self.aws.client("events").put_events(
            Entries=[
                {
                    "EventBusName": self.outputs["EventBusName"],
                    "Source": "com.example.booking",
                    "DetailType": detail_type,
                    "Detail": json.dumps(detail),
                }
            ]
        )
        assert answer["FailedEntryCount"] == 0

    def listen(self) -> Callable[[], list[str]]:
        """What the stack announces from now on: the detail-types since the last call."""
        sqs, events = self.aws.client("sqs"), self.aws.client("events")
        url = sqs.create_queue(QueueName=f"{self.name}-listener")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        bus, pattern = self.outputs["EventBusName"], json.dumps({"source": ["zego-token-service"]})
        events.put_rule(Name="listener", EventBusName=bus, EventPattern=pattern)
        events.put_targets(Rule="listener", EventBusName=bus, Targets=[{"Id": "listener", "Arn": arn}])

        def announced() -> list[str]:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            return [json.loads(message["Body"])["detail-type"] for message in messages]

        return announced

    def keys(self, prefix: str) -> list[str]:
        """What the bucket has."""
        listed = self.aws.client("s3").list_objects_v2(Bucket=self.outputs["BucketName"], Prefix=prefix)
        return [entry["Key"] for entry in listed.get("Contents", ())]

    def read(self, key: str) -> str:
        """An object of the bucket."""
        answer = self.aws.client("s3").get_object(Bucket=self.outputs["BucketName"], Key=key)
        return str(answer["Body"].read().decode())

    def upload_roster(self, name: str, text: str) -> dict[str, Any]:
        """Upload a roster, and return its execution as it ended."""
        states, machine = self.aws.client("stepfunctions"), self.outputs["RosterStateMachineArn"]

        def executions() -> set[str]:
            listed = states.list_executions(stateMachineArn=machine)["executions"]
            return {execution["executionArn"] for execution in listed}

        before = executions()
        self.aws.client("s3").put_object(
            Bucket=self.outputs["BucketName"], Key=f"rosters/{name}", Body=text.encode()
        )
        (arn,) = await_that(lambda: executions() - before, 60, f"the execution of {name} starts")

        def ended() -> dict[str, Any] | None:
            execution: dict[str, Any] = states.describe_execution(executionArn=arn)
            return None if execution["status"] == "RUNNING" else execution

        return await_that(ended, 180, f"the execution of {name} ends") or {}

    def delete(self) -> None:
        """Delete the stack, and wait until it is gone."""
        formation = self.aws.client("cloudformation")
        formation.delete_stack(StackName=self.name)
        formation.get_waiter("stack_delete_complete").wait(
            StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )


def deploy(aws: Aws, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run `make deploy` as a person types it, but build for this machine, on which the functions run."""
    show("make deploy " + " ".join(f"{name}={value}" for name, value in variables.items()))
    command = [
        "make",
        "--no-print-directory",
        "deploy",
        *(f"{name}={value}" for name, value in variables.items()),
    ]
    environment = {**aws.environment, "BUILD_PLATFORM": "host", "PYTHON": sys.executable}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def deployed(aws: Aws, name: str, **variables: str) -> Stack:
    """The stack of one deployment that succeeds."""
    done = deploy(aws, STACK=name, APP_ID=str(APP_ID), **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return Stack(aws, name)
