"""The token API's handler, and what it answers."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from local.aws import create_table
from tests.factories import FakeContext
from token_api.handler import Handler, create_handler
from zego_service.deployment import token_service
from zego_service.issuing.quota import Quota
from zego_service.issuing.revocations import Revocations
from zego_service.settings import Settings
from zego_service.table import dynamodb_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient


class Answer:
    """What the handler answered, whichever form the trigger wants it in."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.status: int = answer["statusCode"]
        self.text: str = answer["body"]
        self.json: dict[str, Any] = json.loads(answer["body"])
        headers = answer.get("headers") or {
            name: values[0] for name, values in answer["multiValueHeaders"].items()
        }
        self.headers = {name.lower(): value for name, value in headers.items()}


class Api:
    """The handler as the deployment configures it, with one request a call."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def __call__(self, event: Mapping[str, Any]) -> Answer:
        return Answer(self._handler(event, FakeContext()))


def create_api(secrets_client: "SecretsManagerClient", settings: Settings) -> Api:
    """The API over these settings and secrets, and over a table of its own."""
    create_table()
    return Api(handler_over(secrets_client, settings, dynamodb_client()))


def handler_over(
    secrets_client: "SecretsManagerClient",
    settings: Settings,
    dynamodb: "DynamoDBClient",
    quota: Quota | None = None,
    revocations: Revocations | None = None,
) -> Handler:
    service = token_service(settings, secrets_client, dynamodb, quota=quota, revocations=revocations)
    return create_handler(service)
