"""What every route has in common: answers as JSON, errors as problem details, and who is asking."""

import json
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types

from token_api.gateway_events import caller_of
from token_api.problems import INTERNAL, UNAUTHENTICATED, HttpError, Problem, problem_of
from zego_service.callers import Caller
from zego_service.telemetry import logger


def json_response(body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> "Response[str]":
    """An answer that nobody may store."""
    return Response(
        status_code=status.value,
        content_type=content_types.APPLICATION_JSON,
        body=json.dumps(body),
        headers={"Cache-Control": "no-store"},
    )


def explained(error: Exception) -> Problem:
    """What an error is to the caller; the unforeseen is logged for the operator."""
    problem = problem_of(error)
    if problem.reason == INTERNAL:
        # Where it failed, but not the message: that may quote what was being processed.
        logger.error(
            "unforeseen error",
            error=type(error).__name__,
            stack=[line.strip() for line in traceback.format_tb(error.__traceback__)],
        )
    return problem


def authenticated(event: Mapping[str, Any], user_id_claim: str) -> Caller:
    """The caller; raises :class:`HttpError` (401) where nobody has been authenticated."""
    caller = caller_of(event, user_id_claim)
    if caller is None:
        raise HttpError(
            HTTPStatus.UNAUTHORIZED, UNAUTHENTICATED, "the request carries no authenticated caller"
        )
    return caller
