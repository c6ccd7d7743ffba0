"""The service over moto, served on the loopback interface."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext
from werkzeug.wrappers import Request, Response

from local.aws import create_table
from local.gateway import gateway, local_iam
from tests.api import handler_over
from tests.factories import APP_ID
from tests.loopback import served
from zego_service.settings import Settings
from zego_service.telemetry import logger

Answer = Callable[[Request], Response | None]


@contextmanager
def service(answer: Answer = lambda _request: None, *, signed_by: str = "X-Signed") -> Iterator[str]:
    """The token service over the embedded AWS; requests with the header ``signed_by`` are the backend's.

    What ``answer`` returns goes out instead of the service's answer.
    """
    create_table()
    clients = boto3.client("secretsmanager"), Settings(default_app_id=APP_ID), boto3.client("dynamodb")
    handler = handler_over(*clients)

    def unheard(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        with redirect_stdout(io.StringIO()):  # metrics; standard output is the command's
            return handler(event, context)

    def authorizer(request: Request) -> dict[str, Any] | None:
        return local_iam(request) if signed_by in request.headers else None

    application = gateway(unheard, authorizer)
    logger.setLevel("CRITICAL")

    @Request.application
    def wrapped(request: Request) -> Any:
        return answer(request) or application

    try:
        with served(wrapped) as url:
            yield url
    finally:
        logger.setLevel("INFO")


def json_answer(content: object, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(content), status, headers, content_type="application/json")
