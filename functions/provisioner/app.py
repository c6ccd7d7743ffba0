"""The function's entry point. A setting that is wrong stops it here, at start."""

import gc
import os

from provisioner.handler import create_handler
from zego_service.deployment import Deployment

_deployment = Deployment.from_environment(os.environ, bulk=True)
_deployment.clients.prepare("dynamodb")
lambda_handler = create_handler(_deployment)
gc.freeze()  # what is loaded stays, so the collector need not look at it
