"""The function's entry point. A setting that is wrong stops it here, at start."""

import os

from token_api.handler import create_handler
from zego_service.issuing import TokenIssuer
from zego_service.quota import Quota
from zego_service.revocations import Revocations
from zego_service.secret_store import SecretStore, secrets_manager_client
from zego_service.settings import Settings
from zego_service.table import dynamodb_client
from zego_token import generate_token04
from zego_token.checks import SECRET_BYTES

_settings = Settings.from_environment(os.environ)
_dynamodb = dynamodb_client()
_revocations = Revocations(_dynamodb, _settings)
_secrets = SecretStore(secrets_manager_client(), _settings)
_issuer = TokenIssuer(_settings, _secrets, _revocations, Quota(_dynamodb, _settings))
# Loads the cipher's library at start, where CPU is plentiful, rather than in the first request.
generate_token04(1, "start", "0" * SECRET_BYTES, 1, cipher=_settings.token_cipher)
lambda_handler = create_handler(_issuer, _revocations, _secrets, _settings)
