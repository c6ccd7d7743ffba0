"""`zego-token doctor`: checks a deployment from outside, as its users have it."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.request import Request

from zego_cli.aws import Account
from zego_cli.errors import CommandError
from zego_cli.service import Answer, Service, fetch
from zego_token import TokenError, explain, read_secret

State = Literal["ok", "problem", "skipped"]
_SKEW_SECONDS = 5
_PROBE = "zego-token-doctor"
_NEEDED_OUTPUTS = {"ApiUrl", "SecretArn", "TableName"}


@dataclass(frozen=True)
class Check:
    """The outcome of one check: what was found, and what to do about it."""

    name: str
    state: State
    detail: str
    what_to_do: str = ""


@dataclass
class Patient:
    """The deployment, and what earlier checks found out about it."""

    stack: str
    profile: str | None
    region: str | None
    api: Service | None
    jwt: str | None
    account: Account | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    health: Answer | None = None
    secret: str | None = field(default=None, repr=False)

    @property
    def service(self) -> Service:
        """The deployed API, or the one that was named instead."""
        if self.api is not None:
            return self.api
        if "ApiUrl" not in self.outputs:
            raise _Skipped("the stack's ApiUrl is not known")
        return Service(self.outputs["ApiUrl"].rstrip("/"), self.jwt, self.profile, self.region)

    @property
    def known_account(self) -> Account:
        """The account, if there are credentials."""
        if self.account is None:
            raise _Skipped("there are no AWS credentials")
        return self.account

    def output(self, name: str) -> str:
        """An output of the stack."""
        if name not in self.outputs:
            raise _Skipped(f"the stack's {name} is not known")
        return self.outputs[name]


class _Skipped(Exception):  # noqa: N818, no error
    """What the check needs is missing, which another check has said."""


class _Problem(Exception):  # noqa: N818, no error
    def __init__(self, detail: str, what_to_do: str) -> None:
        super().__init__(detail)
        self.what_to_do = what_to_do


def examine(patient: Patient) -> Iterator[Check]:
    """Every check, one after the other; a failed one stops none of those that do not need it."""
    for name, check, what_to_do in _CHECKS:
        try:
            yield Check(name, "ok", check(patient))
        except _Skipped as skipped:
            yield Check(name, "skipped", str(skipped))
        except _Problem as problem:
            yield Check(name, "problem", str(problem), problem.what_to_do)
        except CommandError as error:
            yield Check(name, "problem", str(error), what_to_do)


def _credentials(patient: Patient) -> str:
    account = Account(patient.profile, patient.region)
    caller = account.caller()
    patient.account = account
    return f"{caller['Arn']} in {account.region}"


def _stack(patient: Patient) -> str:
    found = patient.known_account.existing_stack(patient.stack)
    patient.outputs, patient.parameters = found.outputs, found.parameters
    missing = sorted(_NEEDED_OUTPUTS - patient.outputs.keys())
    if missing:
        what = "Name the stack that `make deploy` made, or wait until it is deployed."
        raise _Problem(f"the stack has no output {', '.join(missing)}", what)
    return patient.outputs["ApiUrl"]


def _health(patient: Patient) -> str:
    patient.health = patient.service.send("GET", "/v1/health", as_caller=False)
    content = patient.health.content or {}
    if patient.health.status != 200 or content.get("status") != "ok":
        what = "Look at the function's log: a bad setting stops it at start, with a message."
        raise _Problem(f"/v1/health answered {patient.health.problem}", what)
    return f"/v1/health answers ok, version {content.get('version', 'unknown')}"


def _clock(patient: Patient) -> str:
    date = None if patient.health is None else patient.health.headers.get("Date")
    if date is None:
        raise _Skipped("the API did not answer with a date")
    try:
        skew = time.time() - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError):
        raise _Skipped("the API's date cannot be read") from None
    if abs(skew) > _SKEW_SECONDS:
        where = "ahead of" if skew > 0 else "behind"
        what = "Synchronise this machine's clock with NTP: tokens made here begin or end at the wrong time."
        raise _Problem(f"this clock is {abs(skew):.0f} seconds {where} the API's", what)
    return f"within {_SKEW_SECONDS} seconds of the API's"


def _secret(patient: Patient) -> str:
    text = patient.known_account.secret_text(patient.output("SecretArn"))
    try:
        patient.secret = read_secret(text)
    except TokenError as error:
        what = f"Put the right one: zego-token secret put --stack {patient.stack}"
        raise _Problem(f"the stored secret is no ServerSecret: {error.message}", what) from None
    return "a ServerSecret of 32 bytes"


def _token(patient: Patient) -> str:
    if patient.parameters.get("JwtIssuer") and patient.jwt is None:
        raise _Skipped("the API takes JWTs: pass --jwt-file with a service's, which has the scope zego:issue")
    room = {"room_id": _PROBE, "privilege": {"login": True, "publish": False}}
    body = {"user_id": _PROBE, "effective_time_in_seconds": 60, **room}
    answer = patient.service.post("/v1/tokens", body)
    findings = [
        found
        for found in explain(answer.get("token"), patient.secret, user_id=_PROBE, room_id=_PROBE)
        if found.severity == "error"
    ]
    if findings:
        raise _Problem(findings[0].sentence, findings[0].what_to_do)
    if patient.secret is None:
        return "a token was made; it was not opened, because the secret could not be read"
    return "a token was made, and opens with the stored secret"


def _unsigned(patient: Patient) -> str:
    answer = patient.service.send("POST", "/v1/tokens", {"user_id": _PROBE}, as_caller=False)
    if answer.status not in (401, 403):
        what = "Put an authorizer in front of every route but /v1/health, and deploy again."
        raise _Problem(f"a request without credentials got {answer.status}", what)
    return f"refused with {answer.status}"


def _issuer(patient: Patient) -> str:
    if not patient.outputs:
        raise _Skipped("the stack is not known")
    issuer = patient.parameters.get("JwtIssuer", "")
    if not issuer:
        return "none: callers sign with AWS credentials"
    what = "Set JwtIssuer to the issuer exactly as it stands in the JWTs' claim iss."
    answer = fetch(Request(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))  # noqa: S310, the stack's own
    content = answer.content or {}
    if answer.status != 200 or not content.get("jwks_uri"):
        raise _Problem(f"{issuer} has no discovery document ({answer.status})", what)
    if content.get("issuer") != issuer:
        raise _Problem(f"the discovery document names another issuer than {issuer}", what)
    return issuer


def _alarms(patient: Patient) -> str:
    account = patient.known_account
    patient.output("ApiUrl")
    with account.errors():
        pages = (
            account.client("cloudwatch")
            .get_paginator("describe_alarms")
            .paginate(AlarmNamePrefix=f"{patient.stack}-")
        )
        alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    mute = [alarm["AlarmName"] for alarm in alarms if not (alarm["AlarmActions"] and alarm["ActionsEnabled"])]
    what = "Deploy with AlarmTopicArn, the ARN of an SNS topic that somebody reads."
    if not alarms:
        raise _Problem("the stack has no alarms", what)
    if mute:
        raise _Problem(f"{len(mute)} of {len(alarms)} alarms notify nobody, such as {mute[0]}", what)
    ringing = [alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"]
    if ringing:
        raise _Problem(f"in alarm: {', '.join(ringing)}", "See docs/runbook.md for each of them.")
    return f"{len(alarms)} alarms, each with a topic"


def _table(patient: Patient) -> str:
    account = patient.known_account
    name = patient.output("TableName")
    with account.errors():
        status = account.client("dynamodb").describe_table(TableName=name)["Table"]["TableStatus"]
    if status not in ("ACTIVE", "UPDATING"):
        raise _Problem(f"the table {name} is {status}", "Wait, then deploy again.")
    return f"{name} is {status}"


_CHECKS: tuple[tuple[str, Callable[[Patient], str], str], ...] = (
    ("credentials", _credentials, "Set AWS_PROFILE and AWS_REGION, or use --profile and --region."),
    ("stack", _stack, "Check the name with --stack and the region with --region; deploy with make deploy."),
    ("health", _health, "Check that the stack is deployed, and the network on the way to it."),
    ("clock", _clock, ""),
    (
        "secret",
        _secret,
        "Put it with `zego-token secret put`; reading it needs secretsmanager:GetSecretValue.",
    ),
    ("token", _token, "Check execute-api:Invoke for these credentials, the secret, and the function's log."),
    ("unsigned call", _unsigned, "Check the network on the way to the API."),
    ("JWT issuer", _issuer, "Check JwtIssuer; API Gateway must reach the issuer over the internet."),
    ("alarms", _alarms, "Reading them needs cloudwatch:DescribeAlarms."),
    ("table", _table, "Checking it needs dynamodb:DescribeTable; if it is gone, deploy again."),
)
