"""The Lambda handler: one resolver for each trigger, over the same routes."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import (
    APIGatewayHttpResolver,
    APIGatewayRestResolver,
    LambdaFunctionUrlResolver,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from token_api.batch_routes import batch_routes
from token_api.gateway_events import Trigger, is_head, normalised, request_id_of, trigger_of
from token_api.inspect_routes import inspect_routes
from token_api.problems import UNAUTHENTICATED, HttpError, problem_of
from token_api.revocation_routes import revocation_routes
from token_api.room_routes import room_routes
from token_api.service_routes import service_routes
from token_api.sizes import check_sizes
from token_api.token_routes import token_routes
from zego_service.deployment import Deployment
from zego_service.issuing import audit
from zego_service.pings import is_ping, pong
from zego_service.telemetry import logger

Handler = Callable[[Mapping[str, Any], LambdaContext], dict[str, Any]]


def create_handler(deployment: Deployment) -> Handler:
    """The Lambda handler over a deployment."""
    # debug=False also where POWERTOOLS_DEV is set: it would print events and tracebacks.
    resolvers = {
        Trigger.HTTP_API: APIGatewayHttpResolver(debug=False),
        Trigger.REST_API: APIGatewayRestResolver(debug=False),
        Trigger.FUNCTION_URL: LambdaFunctionUrlResolver(debug=False),
    }
    groups = (
        token_routes(deployment),
        batch_routes(deployment),
        inspect_routes(deployment),
        room_routes(deployment),
        revocation_routes(deployment),
    )
    for resolver in resolvers.values():
        for routes in (*groups, service_routes(deployment, groups)):
            resolver.include_router(routes)

    @logger.inject_lambda_context(log_event=False, clear_state=True)
    def handle(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        deployment.clients.end_within(context.get_remaining_time_in_millis() / 1000)
        trigger = trigger_of(event)
        if trigger is None:
            return pong() if is_ping(event) else _refuse(_no_caller(), context.aws_request_id)
        try:
            check_sizes(event)
        except HttpError as error:
            return _refuse(error, context.aws_request_id)
        logger.set_correlation_id(request_id_of(event))
        answer = resolvers[trigger].resolve(normalised(event, trigger), context)
        return {**answer, "body": ""} if is_head(event, trigger) else answer

    return handle


def _no_caller() -> HttpError:
    """The error for an event that carries no identity that can be trusted."""
    detail = "only events of an HTTP API, a REST API or a function URL can carry a caller"
    return HttpError(HTTPStatus.UNAUTHORIZED, UNAUTHENTICATED, detail)


def _refuse(error: HttpError, request_id: str) -> dict[str, Any]:
    """The proxy response to an event that no resolver sees."""
    audit.refuse(error, None, None)
    response = problem_of(error).response(request_id)
    return {
        "statusCode": response.status_code,
        "headers": response.headers,
        "body": response.body,
        "isBase64Encoded": False,
    }
