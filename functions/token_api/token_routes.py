"""The routes for tokens, shared by all triggers."""

from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from token_api.gateway_events import caller_of, request_id_of
from token_api.problems import Problem
from token_api.responses import Routes, authenticated, explained, json_response
from token_api.schemas import token_request
from zego_service.callers import Caller
from zego_service.deployment import TokenService
from zego_service.issuing import audit
from zego_service.issuing.requests import TokenRequest
from zego_service.telemetry import count

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response


def token_routes(service: TokenService) -> Routes:
    """The routes, and what becomes of requests that have none."""
    routes = Routes()

    def request_id() -> str:
        return request_id_of(routes.event)

    @routes.post("/v1/tokens")
    def issue_token() -> "Response[str]":
        event = routes.event
        caller = request = None
        try:
            caller = authenticated(event, service.settings.user_id_claim)
            request = token_request(event)
            issued = service.issuer.issue(caller, request)
        except Exception as error:  # noqa: BLE001, one place for all that can go wrong
            return no_token(error, request_id(), caller, request)
        count("TokensIssued")
        audit.issued(caller, request, issued)
        return json_response(asdict(issued))

    @routes.get("/v1/health")
    def health() -> "Response[str]":
        return json_response({"status": "ok"})

    def no_such_route(_error: NotFoundError) -> "Response[str]":
        problem = Problem(HTTPStatus.NOT_FOUND, "no_such_route", "there is no such route")
        return problem.response(request_id())

    def failed(error: Exception) -> "Response[str]":
        event = routes.event
        problem = explained(error)
        count("RequestRejected", reason=problem.reason)
        audit.rejected(
            problem.reason,
            caller_of(event, service.settings.user_id_claim),
            rule=problem.rule,
            field=problem.field,
        )
        return problem.response(request_id())

    routes.exception_handler(NotFoundError)(no_such_route)
    routes.exception_handler(Exception)(failed)
    return routes


def no_token(
    error: Exception,
    request_id: str,
    caller: Caller | None = None,
    request: TokenRequest | None = None,
) -> "Response[str]":
    """The response to a request whose token is refused, counted and written to the audit log."""
    problem = explained(error)
    count("TokenRejected", reason=problem.reason)
    audit.refused(problem.reason, caller, request, rule=problem.rule, field=problem.field)
    return problem.response(request_id)
