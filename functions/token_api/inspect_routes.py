"""The route that says what is wrong with a token: for services, and with the scope ``zego:inspect``."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from token_api import paths
from token_api.responses import Routes, json_response
from token_api.schemas import body_fields
from zego_service.deployment import Deployment
from zego_service.fields import (
    LIMITS,
    parse_app_id,
    parse_choice,
    parse_known_room_id,
    parse_known_user_id,
    parse_token,
)
from zego_service.issuing.inspecting import InspectionRequest
from zego_token import DecodedToken

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response


# Ids are those that clients use: what ZEGO refuses about them is a finding, not an error.
_PARSERS: dict[str, Callable[[object], Any]] = {
    "token": parse_token,
    "app_id": parse_app_id,
    "user_id": parse_known_user_id,
    "room_id": parse_known_room_id,
    "product": partial(parse_choice, field="product", allowed=tuple(LIMITS)),
}


def inspect_routes(deployment: Deployment) -> Routes:
    """The route for inspections."""
    routes = Routes(deployment)

    @routes.post(paths.INSPECT)
    def inspect() -> "Response[str]":
        caller, now = routes.require_caller(), deployment.clock()
        inspection = deployment.inspecting.inspect(caller, _request_of(routes.event), now)
        token = None if inspection.token is None else _shown(inspection.token, now.unix)
        return json_response({"token": token, "findings": [asdict(found) for found in inspection.findings]})

    return routes


def _request_of(event: Mapping[str, Any]) -> InspectionRequest:
    fields = {"token": None, **body_fields(event, {*_PARSERS})}
    return InspectionRequest(**{name: _PARSERS[name](value) for name, value in fields.items()})


def _shown(token: DecodedToken, now: int) -> dict[str, Any]:
    """The documented fields: no payload, no nonce, no plaintext."""
    privilege = token.privilege
    allowed = (
        None if privilege is None else {"login": privilege.get(1) == 1, "publish": privilege.get(2) == 1}
    )
    return {
        "version": token.version,
        "cipher": token.cipher,
        "app_id": token.app_id,
        "user_id": token.user_id,
        "room_id": token.room_id,
        "privilege": allowed,
        "issued_at": token.created_at,
        "expires_at": token.expires_at,
        "expires_in": token.expires_at - now,
    }
