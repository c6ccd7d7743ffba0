"""What is written while tokens are issued and refused, and what never is."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.api import Answer, Api, create_api, handler_over
from tests.factories import (
    APP_ID,
    OPEN_SETTINGS,
    TRIGGERS,
    USER_TRIGGERS,
    FakeContext,
    as_user,
    token_event,
    without_caller,
)
from tests.outages import OUTAGES
from tests.output import Written
from zego_token import Cipher, room_payload

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CANARY = "canary-0123456789-do-not-leak-me"
CANARY_PAYLOAD = room_payload("demo")
SETTINGS = OPEN_SETTINGS


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def metrics(text: str) -> list[tuple[str, str | None]]:
    embedded = [line for line in lines(text) if "_aws" in line]
    return [
        (line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"], line.get("reason")) for line in embedded
    ]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_an_issued_token_is_logged_and_counted(api: Api, trigger: str, written: Written) -> None:
    event = token_event(trigger, {"user_id": "alice", "room_id": "demo"})

    api(event)

    text = written()
    assert metrics(text) == [("TokensIssued", None)]
    (log,) = (line for line in lines(text) if "_aws" not in line)
    assert log["correlation_id"] == event["requestContext"]["requestId"]
    assert log["function_request_id"] == FakeContext().aws_request_id
    assert (log["user_id"], log["room_id"], log["app_id"]) == ("alice", "demo", APP_ID)
    assert log["caller"].startswith("iam:arn:aws:sts::")


def test_text_that_utf8_cannot_carry_does_not_lose_the_log_line(api: Api, written: Written) -> None:
    event = token_event()
    event["requestContext"] |= {
        "requestId": "\ud800",
        "authorizer": {"jwt": {"claims": {"sub": "\udfff\r\n", "scope": "zego:issue zego:publish"}}},
    }

    assert api(event).status == 200

    (log,) = (line for line in lines(written()) if "_aws" not in line)
    assert (log["caller"], log["correlation_id"]) == ("jwt:\udfff\r\n", "\ud800")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (token_event(fields={"user_id": 1}), "invalid_request"),
        (token_event(body="{"), "invalid_request"),
        (token_event(body=" " * 70_000), "body_too_large"),
        (token_event(headers={"content-type": "text/plain"}), "unsupported_media_type"),
        (token_event(fields={"effective_time_in_seconds": 10**6}), "not_entitled"),
        (token_event(fields={"app_id": 5}), "unknown_app"),
        (without_caller(token_event()), "unauthenticated"),
        ({"requestContext": {"elb": {}}}, "unauthenticated"),
    ],
)
def test_a_refusal_is_counted_by_its_reason(
    api: Api, event: dict[str, Any], reason: str, written: Written
) -> None:
    answer = api(event)

    assert metrics(written()) == [("TokenRejected", reason)]
    assert answer.json["type"] == f"urn:zego-token-service:problem:{reason.replace('_', '-')}"


class Untouchable:
    """A client of AWS that must not be used."""

    def __getattr__(self, name: str) -> object:
        pytest.fail(f"AWS was asked: {name}")


def without_aws(secrets_client: object) -> Api:
    """The API over a stand-in for Secrets Manager, and no DynamoDB."""
    return Api(handler_over(secrets_client, SETTINGS, Untouchable()))  # type: ignore[arg-type]


def everything_written(
    client: "SecretsManagerClient",
    events: list[dict[str, Any]],
    written: Written,
    cipher: Cipher,
) -> tuple[list[Answer], str]:
    settings = replace(OPEN_SETTINGS, token_cipher=cipher)
    api = create_api(client, settings)
    answers = [api(event) for event in events]
    return answers, written()


@pytest.mark.parametrize("cipher", Cipher)
def test_no_secret_token_or_payload_is_ever_written(
    secrets_manager: "SecretsManagerClient",
    written: Written,
    cipher: Cipher,
) -> None:
    # given: a canary as the secret and another in the payload
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=CANARY)
    events = [
        token_event(trigger, fields)
        for trigger in TRIGGERS
        for fields in (
            {"payload": CANARY_PAYLOAD},
            {"room_id": "demo", "version": "03"},
            {"payload": CANARY_PAYLOAD, "room_id": "demo"},
            {"server_secret": CANARY},
            {"payload": ["payload-canary"]},
        )
    ]

    # when
    answers, text = everything_written(secrets_manager, events, written, cipher)

    # then
    tokens = [answer.json["token"] for answer in answers if answer.status == 200]
    assert len(tokens) == 6
    for hidden in (CANARY, "payload-canary", "stream_id_list", *(token[2:60] for token in tokens)):
        assert hidden not in text
    assert all(CANARY not in answer.text for answer in answers)


@pytest.mark.parametrize(
    "stored",
    [CANARY + " ", CANARY * 2, json.dumps({"secret": CANARY}), json.dumps({"server_secret": CANARY + "x"})],
)
def test_a_malformed_secret_is_a_500_that_shows_nothing(
    secrets_manager: "SecretsManagerClient", written: Written, stored: str
) -> None:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=stored)

    (answer,), text = everything_written(secrets_manager, [token_event()], written, Cipher.GCM)

    assert (answer.status, answer.json["detail"]) == (500, "the token service is misconfigured")
    assert "the stored secret is malformed" in text
    assert CANARY not in text + answer.text


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: str(outage)[:60])
def test_an_outage_is_a_503_with_retry_after(trigger: str, outage: Exception) -> None:
    class NoLine:
        def get_secret_value(self, **_: object) -> None:
            raise outage

    api = without_aws(NoLine())

    of_a_user = as_user(token_event(trigger, {"product": "zim"}), {"sub": "alice"})
    for event in (token_event(trigger), *([of_a_user] if trigger in USER_TRIGGERS else [])):
        answer = api(event)

        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert answer.json["type"].endswith(":secret-unavailable")


def test_the_unforeseen_is_a_500_whose_message_stays_inside(written: Written) -> None:
    class Broken:
        def get_secret_value(self, **_: object) -> None:
            raise RuntimeError(CANARY)

    api = without_aws(Broken())

    answer = api(token_event())

    text = written()
    assert answer.status == 500
    assert answer.json["type"].endswith(":internal")
    assert "RuntimeError" in text
    assert "get_secret_value" in text
    assert CANARY not in answer.text + text


def test_no_caller_reads_no_secret() -> None:
    api = without_aws(Untouchable())

    for trigger in TRIGGERS:
        answer = api(without_caller(token_event(trigger)))
        assert answer.status == 401


@pytest.mark.parametrize("service", ["zego-tokens-dev", "zego-tokens-prod"])
def test_metrics_and_logs_name_the_stack(service: str) -> None:
    code = "from zego_service.telemetry import count, logger; count('Metric'); logger.info('line')"
    environment = {**os.environ, "POWERTOOLS_SERVICE_NAME": service, "PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )

    assert [line["service"] for line in lines(done.stdout)] == [service] * 2
