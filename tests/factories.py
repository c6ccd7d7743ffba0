"""Makers of what the tests send in."""

import json
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from local.aws import SAMPLE_ROLE
from zego_service.roles import parse_roles
from zego_service.settings import Settings
from zego_token import __version__

ROOT = Path(__file__).parents[1]
APP_ID = 1234567890
SECRET = "fa94dd0f974cf2e293728a526b028271"
OTHER_SECRET = "b0d996aecc46ad51600ea853bb378c18"
HEALTH = {"status": "ok", "version": __version__}  # what /v1/health answers
USER_ARN = "arn:aws:sts::123456789012:assumed-role/backend/i-0abc1234def567890"
SERVICE_ROLES = parse_roles(SAMPLE_ROLE)  # for function URLs, which tell no user's role from a backend's
USER_TRIGGERS = ("http_api", "rest_api")
TRIGGERS = (*USER_TRIGGERS, "function_url")
# Users get what they ask for without grants, which the tests in `integration/rooms` are about.
OPEN_SETTINGS = Settings(
    default_app_id=APP_ID, service_roles=SERVICE_ROLES, user_rooms="any", user_zim_tokens=True
)


def sample_event(name: str) -> dict[str, Any]:
    """One of the events that the project ships."""
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return event


def token_event(
    trigger: str = "http_api",
    fields: Mapping[str, object] | None = None,
    *,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A request for a token from an IAM caller: ``fields`` as JSON, or ``body`` to the letter."""
    event = sample_event(f"{trigger}_token04_room")
    event["body"] = body if body is not None else json.dumps({"user_id": "alice", **(fields or {})})
    event["headers"] = {**event["headers"], **(headers or {})}
    return event


def in_base64(event: Mapping[str, Any]) -> dict[str, Any]:
    return {**event, "body": b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}


def without_caller(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event as it would come from an API whose routes are open."""
    context = {name: value for name, value in event["requestContext"].items() if name != "authorizer"}
    if "identity" in context:
        context["identity"] = dict.fromkeys(context["identity"], None) | {"sourceIp": "203.0.113.7"}
    return {**event, "requestContext": context}


def as_user(event: Mapping[str, Any], claims: Mapping[str, object]) -> dict[str, Any]:
    """The event with a user's claims, from the authorizer that its trigger would have.

    A function URL knows IAM alone, and so no users.
    """
    anonymous = without_caller(event)
    context = anonymous["requestContext"]
    authorizer: dict[str, object] = {"jwt": {"claims": dict(claims), "scopes": None}}
    if "identity" in context:
        authorizer = {"claims": dict(claims)}
    return {**anonymous, "requestContext": {**context, "authorizer": authorizer}}


class FakeContext(LambdaContext):
    """Lambda's context object."""

    def __init__(self) -> None:
        self._function_name = "token-api"
        self._memory_limit_in_mb = 512
        self._invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:token-api"
        self._aws_request_id = "4f3c1d5e-5c6b-4f43-a4d7-3f6f4d1a2b3c"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 900_000
