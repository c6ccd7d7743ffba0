"""The routes of the API, shared by all triggers."""

import json
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from token_api.gateway_events import caller_of, request_id_of
from token_api.problems import INTERNAL, UNAUTHENTICATED, HttpError, Problem, problem_of
from token_api.schemas import token_request
from zego_service import audit
from zego_service.callers import Caller
from zego_service.issuing import TokenIssuer
from zego_service.requests import TokenRequest
from zego_service.telemetry import count, logger


def token_router(issuer: TokenIssuer, user_id_claim: str) -> Router:
    """The routes, over one issuer; ``user_id_claim`` names the claim that is a user's id."""
    router = Router()

    def request_id() -> str:
        return request_id_of(router.current_event.raw_event)

    @router.post("/v1/tokens")
    def issue_token() -> "Response[str]":
        event = router.current_event.raw_event
        caller = request = None
        try:
            caller = _authenticated(caller_of(event, user_id_claim))
            request = token_request(event)
            issued = issuer.issue(caller, request)
        except Exception as error:  # noqa: BLE001, one place for all that can go wrong
            return refusal(error, request_id(), caller, request)
        count("TokensIssued")
        audit.issued(caller, request, issued)
        return _json_response(asdict(issued))

    @router.get("/v1/health")
    def health() -> "Response[str]":
        return _json_response({"status": "ok"})

    def no_such_route(_error: NotFoundError) -> "Response[str]":
        problem = Problem(HTTPStatus.NOT_FOUND, "no_such_route", "there is no such route")
        return problem.response(request_id())

    def refuse(error: Exception) -> "Response[str]":
        return refusal(error, request_id())

    router.exception_handler(NotFoundError)(no_such_route)
    router.exception_handler(Exception)(refuse)
    return router


def refusal(
    error: Exception,
    request_id: str,
    caller: Caller | None = None,
    request: TokenRequest | None = None,
) -> "Response[str]":
    """The response to an error, counted and written to the audit log."""
    problem = problem_of(error)
    count("TokenRejected", reason=problem.reason)
    audit.refused(problem.reason, caller, request, rule=problem.rule, field=problem.field)
    if problem.reason == INTERNAL:
        _log_unforeseen(error)
    return problem.response(request_id)


def _json_response(body: Mapping[str, Any]) -> "Response[str]":
    return Response(
        status_code=HTTPStatus.OK.value,
        content_type=content_types.APPLICATION_JSON,
        body=json.dumps(body),
        headers={"Cache-Control": "no-store"},
    )


def _authenticated(caller: Caller | None) -> Caller:
    if caller is None:
        raise HttpError(
            HTTPStatus.UNAUTHORIZED, UNAUTHENTICATED, "the request carries no authenticated caller"
        )
    return caller


def _log_unforeseen(error: Exception) -> None:
    # Where it failed, but not the message: that may quote what was being processed.
    logger.error(
        "unforeseen error",
        error=type(error).__name__,
        stack=[line.strip() for line in traceback.format_tb(error.__traceback__)],
    )
