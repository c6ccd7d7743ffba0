"""The token API's handler, and what it answers."""

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.client import BaseClient

from local.aws import client, create_table
from tests.factories import FakeContext
from token_api.handler import Handler, create_handler
from zego_service.aws_environment import is_plain_lambda
from zego_service.clients import Clients
from zego_service.clock import Clock, Instant
from zego_service.deployment import Deployment as Service
from zego_service.settings import Settings

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
    return Api(handler_over(secrets_client, settings, client("dynamodb")))


def clients_over(**clients: object) -> Clients:
    """These clients; instead of those of boto3, the small client where the environment asks for it."""
    is_small = is_plain_lambda(os.environ)
    kept = {name: each for name, each in clients.items() if not (is_small and isinstance(each, BaseClient))}
    return Clients(made=kept)


def service_over(
    secrets_client: "SecretsManagerClient",
    settings: Settings,
    dynamodb: "DynamoDBClient",
    clock: Clock = Instant.now,
) -> Service:
    """The service in a process of its own, over these clients."""
    clients = clients_over(secretsmanager=secrets_client, dynamodb=dynamodb)
    return Service.over(settings, clients, clock)


def handler_over(
    secrets_client: "SecretsManagerClient",
    settings: Settings,
    dynamodb: "DynamoDBClient",
    clock: Clock = Instant.now,
) -> Handler:
    """The token API in a process of its own, over these clients."""
    return create_handler(service_over(secrets_client, settings, dynamodb, clock))
