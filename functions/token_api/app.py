"""The function's entry point. A setting that is wrong stops it here, at start."""

import os

from token_api.handler import create_handler
from zego_service.deployment import token_service
from zego_service.secret_store import secrets_manager_client
from zego_service.settings import Settings
from zego_service.table import dynamodb_client
from zego_token import SECRET_BYTES, generate_token04

_settings = Settings.from_environment(os.environ)
# Loads the cipher's library at start, where CPU is plentiful, rather than in the first request.
generate_token04(1, "start", "0" * SECRET_BYTES, 1, cipher=_settings.token_cipher)
lambda_handler = create_handler(token_service(_settings, secrets_manager_client(), dynamodb_client()))
