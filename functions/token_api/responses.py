"""What all routes share: answers as JSON, errors as problem details, and the caller."""

import json
import re
import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.api_gateway import Router

from token_api.gateway_events import caller_of, request_id_of
from token_api.problems import UNAUTHENTICATED, HttpError, Problem, problem_of
from zego_service.callers import Caller, Nobody
from zego_service.deployment import Deployment
from zego_service.issuing.audit import INTERNAL
from zego_service.telemetry import logger

_PARAMETER = re.compile(r"<\w+>")


class Routes(Router):
    """A router that knows its paths, and the request that it serves."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._deployment = deployment
        self._methods: dict[str, set[str]] = defaultdict(set)

    def route(self, rule: str, method: Any, *args: Any, **options: Any) -> Callable[[Any], Any]:
        """Register a route, as Powertools' router does."""
        self._methods[rule].add(method)
        return super().route(rule, method, *args, **options)

    def methods_of(self, path: str) -> set[str]:
        """The methods that these routes have for a path, which is percent-encoded."""
        return {
            method
            for rule, methods in self._methods.items()
            if re.fullmatch(_PARAMETER.sub("[^/]+", rule), path)
            for method in methods
        }

    @property
    def event(self) -> dict[str, Any]:
        """The event of the request."""
        return self.current_event.raw_event

    @property
    def request_id(self) -> str:
        """The id of the request."""
        return request_id_of(self.event)

    def require_caller(self) -> Caller:
        """The caller; raises :class:`HttpError` (401) where the request is not authenticated."""
        caller = caller_of(self.event, self._deployment.settings)
        if isinstance(caller, Nobody):
            raise HttpError(HTTPStatus.UNAUTHORIZED, UNAUTHENTICATED, caller.why)
        return caller


def json_response(body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> "Response[str]":
    """A JSON answer that must not be stored."""
    return Response(
        status_code=status.value,
        content_type=content_types.APPLICATION_JSON,
        body=json.dumps(body),
        headers={"Cache-Control": "no-store"},
    )


def explain(error: Exception) -> Problem:
    """The problem that the caller sees. Errors that nobody expected are logged for the operator."""
    problem = problem_of(error)
    if problem.reason == INTERNAL:
        # Where it failed, but not the message: that may quote what was being processed.
        logger.error(
            "unforeseen error",
            error=type(error).__name__,
            stack=[line.strip() for line in traceback.format_tb(error.__traceback__)],
        )
    return problem
