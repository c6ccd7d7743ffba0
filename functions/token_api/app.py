"""The function's entry point. A setting that is wrong stops it here, at start.

What the first request needs is loaded and read here, where CPU is plentiful.
"""

import gc
import os

from zego_service.deployment import Deployment
from zego_token import SECRET_BYTES, generate_token04

_deployment = Deployment.from_environment(os.environ)
_deployment.clients.prepare("secretsmanager", "dynamodb")
with _deployment.reading_ahead():
    # Imported here, so that it is loaded while AWS is asked.
    from token_api.handler import create_handler

    generate_token04(1, "start", "0" * SECRET_BYTES, 1, cipher=_deployment.settings.token_cipher)
    lambda_handler = create_handler(_deployment)
gc.freeze()  # what is loaded stays, so the collector need not look at it
