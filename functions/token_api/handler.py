"""The Lambda handler: one resolver for each trigger, over the same routes."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import (
    APIGatewayHttpResolver,
    APIGatewayRestResolver,
    LambdaFunctionUrlResolver,
)
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, CORSConfig
from aws_lambda_powertools.utilities.typing import LambdaContext

from token_api.batch_routes import batch_routes
from token_api.cors import Cors, is_left_to_gateway
from token_api.gateway_events import Trigger, is_head, normalised, request_id_of, trigger_of
from token_api.inspect_routes import inspect_routes
from token_api.problems import UNAUTHENTICATED, HttpError, problem_of
from token_api.responses import Routes
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
    origins = deployment.settings.cors_allow_origins
    cors = Cors(origins) if origins else None
    groups = (
        token_routes(deployment),
        batch_routes(deployment),
        inspect_routes(deployment),
        room_routes(deployment),
        revocation_routes(deployment),
    )
    routes = (*groups, service_routes(deployment, groups))
    plain = _resolvers(routes, None)
    answering = plain if cors is None else _resolvers(routes, cors.config)

    @logger.inject_lambda_context(log_event=False, clear_state=True)
    def handle(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        deployment.clients.end_within(context.get_remaining_time_in_millis() / 1000)
        trigger = trigger_of(event)
        if trigger is None:
            return pong() if is_ping(event) else _refuse(_no_caller(), context.aws_request_id)
        own = None if is_left_to_gateway(event, trigger) else cors
        try:
            check_sizes(event)
        except HttpError as error:
            answer = _refuse(error, context.aws_request_id)
        else:
            logger.set_correlation_id(request_id_of(event))
            resolver = (plain if own is None else answering)[trigger]
            answer = resolver.resolve(normalised(event, trigger), context)
        if own is not None:
            answer = own.completed(answer, event)
        return {**answer, "body": ""} if is_head(event, trigger) else answer

    return handle


def _resolvers(groups: Sequence[Routes], cors: CORSConfig | None) -> dict[Trigger, ApiGatewayResolver]:
    """A resolver for each trigger, over the same routes."""
    # debug=False also where POWERTOOLS_DEV is set: it would print events and tracebacks.
    resolvers: dict[Trigger, ApiGatewayResolver] = {
        Trigger.HTTP_API: APIGatewayHttpResolver(debug=False, cors=cors),
        Trigger.REST_API: APIGatewayRestResolver(debug=False, cors=cors),
        Trigger.FUNCTION_URL: LambdaFunctionUrlResolver(debug=False, cors=cors),
    }
    for resolver in resolvers.values():
        for routes in groups:
            resolver.include_router(routes)
    return resolvers


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
