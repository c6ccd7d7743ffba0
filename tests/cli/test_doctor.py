"""`zego-token doctor`: each check of a deployment, right and wrong."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from werkzeug.wrappers import Request, Response

from tests.cli.clouds import Stacks, account
from tests.cli.conftest import Command, Ended
from tests.cli.serving import json_answer, service
from tests.documentation.markdown import blocks_of
from tests.documentation.shell import dialogue
from tests.factories import APP_ID, OTHER_SECRET, SECRET
from tests.loopback import served
from zego_cli import doctor
from zego_cli.service import Service
from zego_service.settings import Settings
from zego_token import __version__

NAME = "zego-tokens-dev"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:operators"
ALARM: dict[str, Any] = {
    "MetricName": "M", "Namespace": "N", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}  # fmt: skip


@dataclass
class Deployed:
    """A deployment, and what a test changes about it."""

    command: Command
    stacks: Stacks
    answers: dict[str, Response] = field(default_factory=dict)

    def doctor(self, *options: str) -> Ended:
        return self.command("doctor", "--stack", NAME, *options)

    def checks(self, *options: str) -> dict[str, dict[str, str]]:
        ended = self.doctor("--json", *options)
        checks = {check["name"]: check for check in json.loads(ended.out)["checks"]}
        assert ended.status == int(any(check["state"] == "problem" for check in checks.values()))
        return checks


@pytest.fixture
def deployed(command: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """A deployment without a fault. To this machine, requests are not signed: a header stands for it."""
    send = Service._authorized

    def signed(
        self: Service, method: str, url: str, data: bytes | None, headers: dict[str, str]
    ) -> dict[str, str]:
        return {**send(self, method, url, data, headers), "X-Signed": "yes"}

    monkeypatch.setattr(Service, "_authorized", signed)
    stacks: Stacks = {NAME: {"Outputs": {}, "Parameters": {"JwtIssuer": ""}}}
    one = Deployed(command, stacks)
    with account(stacks):
        arn = boto3.client("secretsmanager").create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)["ARN"]
        for name in ("secret-unusable", "errors"):
            boto3.client("cloudwatch").put_metric_alarm(
                AlarmName=f"{NAME}-{name}", AlarmActions=[TOPIC], **ALARM
            )
        with service(lambda request: one.answers.get(f"{request.method} {request.path}")) as url:
            outputs = {"ApiUrl": url, "SecretArn": arn, "TableName": Settings().table}
            stacks[NAME]["Outputs"].update(outputs)
            yield one


def test_a_right_deployment(deployed: Deployed) -> None:
    ended = deployed.doctor()

    assert ended.status == 0
    assert [line.split(":")[0] for line in ended.out.splitlines()] == [
        "✓ credentials", "✓ stack", "✓ health", "✓ clock", "✓ secret", "✓ token", "✓ unsigned call", "✓ JWT issuer",
        "✓ alarms", "✓ table",
    ]  # fmt: skip
    assert "opens with the stored secret" in ended.out
    assert SECRET not in ended.out + ended.err


def test_the_docs_show_what_it_prints(deployed: Deployed) -> None:
    # given: the AppSign instead of the secret, and an alarm without a topic
    (shown,) = (
        shown
        for block in blocks_of("docs/cli.md")
        for command, shown in dialogue(block.text)
        if "doctor" in command
    )
    boto3.client("secretsmanager").put_secret_value(SecretId=f"zego/{APP_ID}", SecretString=SECRET * 2)
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=f"{NAME}-errors", AlarmActions=[], **ALARM)

    printed = deployed.doctor().out

    # then, but for the names that AWS gives, and for the status with which it refuses signatures
    for ours, aws in (
        (
            deployed.stacks[NAME]["Outputs"]["ApiUrl"],
            "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
        ),
        (r"arn:aws:sts\S+", "arn:aws:iam::123456789012:user/operator"),
        (f"table: {Settings().table}", f"table: {NAME}-Table-1A2B3C"),
        ("refused with 401", "refused with 403"),
    ):
        printed = re.sub(ours, aws, printed)
    assert printed.strip() == shown.strip()


def problem(check: dict[str, str]) -> str:
    assert check["state"] == "problem"
    assert check["what_to_do"]
    return check["detail"]


def test_no_such_stack(deployed: Deployed) -> None:
    del deployed.stacks[NAME]

    checks = deployed.checks()

    assert "does not exist" in problem(checks["stack"])
    states = {name: check["state"] for name, check in checks.items()}
    assert states.pop("credentials") == "ok"
    assert states.pop("stack") == "problem"
    assert set(states.values()) == {"skipped"}


def test_a_stack_of_something_else(deployed: Deployed) -> None:
    deployed.stacks[NAME]["Outputs"] = {"Url": "https://a.example"}

    assert "ApiUrl, SecretArn, TableName" in problem(deployed.checks()["stack"])


def test_no_credentials(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    checks = deployed.checks()

    assert "no AWS credentials" in problem(checks["credentials"])
    assert checks["alarms"]["state"] == "skipped"


def test_the_version_that_is_deployed(deployed: Deployed) -> None:
    assert deployed.checks()["health"]["detail"] == f"/v1/health answers ok, version {__version__}"

    deployed.answers["GET /v1/health"] = json_answer({"status": "ok"}, 200)

    assert deployed.checks()["health"]["state"] == "ok"


def test_a_function_that_does_not_start(deployed: Deployed) -> None:
    deployed.answers["GET /v1/health"] = json_answer({"message": "Internal Server Error"}, 500)

    assert "500" in problem(deployed.checks()["health"])


@pytest.mark.parametrize(("seconds", "words"), [(120, "ahead of"), (-3600, "behind")])
def test_a_clock_that_is_off(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, seconds: int, words: str
) -> None:
    monkeypatch.setattr(doctor, "time", SimpleNamespace(time=lambda: time.time() + seconds))

    assert f" seconds {words} the API's" in problem(deployed.checks()["clock"])


def test_a_secret_that_is_none(deployed: Deployed) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId=f"zego/{APP_ID}", SecretString=SECRET * 2)

    checks = deployed.checks()

    assert "AppSign" in problem(checks["secret"])
    assert f"zego-token secret put --stack {NAME}" in checks["secret"]["what_to_do"]
    assert checks["token"]["state"] == "problem"  # the service cannot use it either
    assert SECRET not in json.dumps(checks)


def test_a_secret_that_is_not_the_one_in_use(deployed: Deployed) -> None:
    assert deployed.checks()["token"]["state"] == "ok"  # the service keeps the secret that it read
    boto3.client("secretsmanager").put_secret_value(SecretId=f"zego/{APP_ID}", SecretString=OTHER_SECRET)

    assert "cannot be opened with this secret" in problem(deployed.checks()["token"])


def test_an_open_api(deployed: Deployed) -> None:
    deployed.answers["POST /v1/tokens"] = json_answer({"token": "04"})

    checks = deployed.checks()

    assert "without credentials got 200" in problem(checks["unsigned call"])
    assert problem(checks["token"]) == "The token is cut short, at 2 characters."


@pytest.mark.parametrize(
    ("document", "status", "words"),
    [({"jwks_uri": "https://i.example/keys"}, 200, None), ({}, 200, "no discovery document"), ({}, 404, "no discovery document"),
     ({"issuer": "https://other.example", "jwks_uri": "https://i.example/keys"}, 200, "another issuer")],
)  # fmt: skip
def test_the_jwt_issuer(deployed: Deployed, document: dict[str, str], status: int, words: str | None) -> None:
    def answer(request: Request) -> Response:
        right = request.path == "/.well-known/openid-configuration"
        return json_answer({"issuer": request.host_url.rstrip("/"), **document}, status if right else 500)

    with served(Request.application(answer)) as issuer:
        deployed.stacks[NAME]["Parameters"]["JwtIssuer"] = issuer
        checks = deployed.checks()

    assert (checks["JWT issuer"]["state"] == "ok") == (words is None)
    assert words is None or words in problem(checks["JWT issuer"])
    assert "pass --jwt-file" in checks["token"]["detail"]


def test_alarms_that_notify_nobody(deployed: Deployed) -> None:
    cloudwatch = boto3.client("cloudwatch")
    cloudwatch.put_metric_alarm(AlarmName=f"{NAME}-errors", AlarmActions=[], **ALARM)

    assert "1 of 2 alarms notify nobody" in problem(deployed.checks()["alarms"])

    cloudwatch.put_metric_alarm(AlarmName=f"{NAME}-errors", AlarmActions=[TOPIC], **ALARM)
    cloudwatch.set_alarm_state(AlarmName=f"{NAME}-errors", StateValue="ALARM", StateReason="a test")
    assert problem(deployed.checks()["alarms"]) == f"in alarm: {NAME}-errors"

    cloudwatch.delete_alarms(AlarmNames=[f"{NAME}-errors", f"{NAME}-secret-unusable"])
    assert problem(deployed.checks()["alarms"]) == "the stack has no alarms"


def test_a_table_that_is_gone(deployed: Deployed) -> None:
    boto3.client("dynamodb").delete_table(TableName=Settings().table)

    assert "AWS refused" in problem(deployed.checks()["table"])


def test_another_url_of_the_api(deployed: Deployed) -> None:
    url = deployed.stacks[NAME]["Outputs"]["ApiUrl"]
    deployed.stacks[NAME]["Outputs"]["ApiUrl"] = "http://127.0.0.1:9"

    assert "cannot be reached" in problem(deployed.checks()["health"])
    assert deployed.checks("--api", url)["health"]["state"] == "ok"
