"""A deployment without any grants."""

from typing import TYPE_CHECKING

import pytest

from local.aws import create_table
from tests.api import Api
from tests.factories import APP_ID, SECRET
from tests.room_requests import SETTINGS
from token_api.handler import create_handler
from zego_service.deployment import TokenService, token_service
from zego_service.secret_store import secrets_manager_client
from zego_service.table import dynamodb_client

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def service(secrets_manager: "SecretsManagerClient") -> TokenService:
    """A deployment without any grants."""
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    create_table()
    return token_service(SETTINGS, secrets_manager_client(), dynamodb_client())


@pytest.fixture
def api(service: TokenService) -> Api:
    return Api(create_handler(service))
