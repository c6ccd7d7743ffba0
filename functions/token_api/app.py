"""The function's entry point. A setting that is wrong stops it here, at start."""

import os

from token_api.handler import create_handler
from zego_service.issuing import TokenIssuer
from zego_service.secret_store import SecretStore, secrets_manager_client
from zego_service.settings import Settings

_settings = Settings.from_environment(os.environ)
lambda_handler = create_handler(TokenIssuer(_settings, SecretStore(secrets_manager_client(), _settings)))
