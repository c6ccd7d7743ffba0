"""What all routes have in common: answers as JSON, errors as problem details, and who is asking."""

import json
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from http import HTTPMethod, HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.api_gateway import Router

from token_api.gateway_events import caller_of, request_id_of
from token_api.problems import INTERNAL, UNAUTHENTICATED, HttpError, Problem, problem_of
from zego_service.callers import Caller
from zego_service.telemetry import logger

_METHODS = {*HTTPMethod, "QUERY"}


class Routes(Router):
    """A router that knows the methods of its paths."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.methods: dict[str, set[str]] = defaultdict(set)

    def route(self, rule: str, method: Any, *args: Any, **options: Any) -> Callable[[Any], Any]:
        """Register a route, as Powertools' router does."""
        self.methods[rule].add(method)
        return super().route(rule, method, *args, **options)

    @property
    def event(self) -> dict[str, Any]:
        """The event of the request."""
        return self.current_event.raw_event


def other_methods(groups: Iterable[Routes]) -> Routes:
    """Routes that refuse (405) the methods which the paths of ``groups`` do not have."""
    methods: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        for path, of_path in group.methods.items():
            methods[path] |= of_path
    routes = Routes()
    for path, allowed in methods.items():
        for method in _METHODS - allowed:
            routes.route(path, method)(_refuse_method(routes, ", ".join(sorted(allowed))))
    return routes


def _refuse_method(routes: Routes, allowed: str) -> Callable[..., "Response[str]"]:
    def refuse(**_parameters: str) -> "Response[str]":
        problem = Problem(
            HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", f"this path takes {allowed}", allow=allowed
        )
        return problem.response(request_id_of(routes.event))

    return refuse


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
