"""A deployment without any grants."""

from typing import TYPE_CHECKING

import boto3
import pytest

from local.aws import create_table
from tests.api import Api, service_over
from tests.factories import APP_ID, SECRET
from tests.room_requests import SETTINGS
from token_api.handler import create_handler
from zego_service.deployment import Deployment as Service

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def service(secrets_manager: "SecretsManagerClient") -> Service:
    """A deployment without any grants."""
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    create_table()
    return service_over(secrets_manager, SETTINGS, boto3.client("dynamodb"))


@pytest.fixture
def api(service: Service) -> Api:
    return Api(create_handler(service))
