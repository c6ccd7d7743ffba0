"""The function's entry point. A setting that is wrong stops it here, at start."""

import os

from token_api.handler import create_handler
from zego_service.deployment import Deployment
from zego_token import SECRET_BYTES, generate_token04

_deployment = Deployment.from_environment(os.environ)
# What the first request needs is loaded at start, where CPU is plentiful: clients, and the cipher's library.
_deployment.clients.prepare("secretsmanager", "dynamodb")
generate_token04(1, "start", "0" * SECRET_BYTES, 1, cipher=_deployment.settings.token_cipher)
lambda_handler = create_handler(_deployment)
