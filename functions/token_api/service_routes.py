"""The routes about the service itself, and the answers where no route matches."""

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from token_api import paths
from token_api.gateway_events import caller_of
from token_api.problems import Problem
from token_api.responses import Routes, explain, json_response
from zego_service.callers import Caller
from zego_service.issuing import audit
from zego_token import __version__

if TYPE_CHECKING:
    from zego_service.deployment import Deployment

# Made ahead of time, by `make openapi`.
_DOCUMENT = Path(__file__).with_name("openapi.json")


def service_routes(deployment: "Deployment", others: Sequence[Routes]) -> Routes:
    """The routes for health and the OpenAPI document; ``others`` are all other routes."""
    routes = Routes(deployment)

    @routes.get(paths.HEALTH)
    def health() -> "Response[str]":
        return json_response({"status": "ok", "version": __version__})

    @routes.get(paths.OPENAPI)
    def openapi() -> "Response[str]":
        routes.require_caller()
        return Response(
            status_code=HTTPStatus.OK.value,
            content_type=content_types.APPLICATION_JSON,
            body=_DOCUMENT.read_text(),
        )

    def refuse_route(_error: NotFoundError) -> "Response[str]":
        path = routes.current_event.path
        allowed = ", ".join(sorted({name for each in (*others, routes) for name in each.methods_of(path)}))
        if not allowed:
            problem = Problem(HTTPStatus.NOT_FOUND, "no_such_route", "there is no such route")
        else:
            detail = f"this path takes {allowed}"
            problem = Problem(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", detail, allow=allowed)
        return problem.response(routes.request_id)

    def fail(error: Exception) -> "Response[str]":
        caller = caller_of(routes.event, deployment.settings)
        audit.reject(error, caller if isinstance(caller, Caller) else None)
        return explain(error).response(routes.request_id)

    routes.exception_handler(NotFoundError)(refuse_route)
    routes.exception_handler(Exception)(fail)
    return routes
