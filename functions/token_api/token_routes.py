"""The route for tokens, and how every route that issues one answers."""

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from token_api import paths
from token_api.responses import Routes, explain, json_response
from token_api.schemas import token_request
from zego_service.callers import Caller
from zego_service.clock import Instant
from zego_service.deployment import Deployment
from zego_service.issuing import audit
from zego_service.issuing.renewal import schedule
from zego_service.issuing.requests import IssuedToken, TokenRequest

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response

_TOKEN_FIELDS = tuple(field.name for field in fields(IssuedToken))


def token_routes(deployment: Deployment) -> Routes:
    """The route for tokens."""
    routes = Routes(deployment)

    @routes.post(paths.TOKENS)
    def issue_token() -> "Response[str]":
        now = deployment.clock()
        return answer_with_token(
            routes,
            lambda caller: token_request(routes.event, caller),
            lambda caller, request: deployment.admission.issue(caller, request, now),
            now,
        )

    return routes


def answer_with_token(
    routes: Routes,
    parse: Callable[[Caller], TokenRequest],
    issue: Callable[[Caller, TokenRequest], IssuedToken],
    now: Instant,
) -> "Response[str]":
    """Answer with the token that a caller asks for.

    Refusals before the request is parsed are recorded here, later ones by the service.
    """
    caller = None
    try:
        caller = routes.require_caller()
        request = parse(caller)
    except Exception as error:  # noqa: BLE001, one place for all that can go wrong
        audit.refuse(error, caller, None)
        return explain(error).response(routes.request_id)
    try:
        return token_response(issue(caller, request), now)
    except Exception as error:  # noqa: BLE001, as above
        return explain(error).response(routes.request_id)


def token_response(token: IssuedToken, now: Instant) -> "Response[str]":
    """The answer that holds a token, and says when to get the next one."""
    return json_response(shown(token, now))


def shown(token: IssuedToken, now: Instant) -> dict[str, Any]:
    """A token as it is answered, with when to get the next one."""
    privilege = token.privilege and {"login": token.privilege.login, "publish": token.privilege.publish}
    members = {name: getattr(token, name) for name in _TOKEN_FIELDS} | {"privilege": privilege}
    if token.kit_token is None:
        del members["kit_token"]
    return {**members, **schedule(token, now.unix)._asdict()}
