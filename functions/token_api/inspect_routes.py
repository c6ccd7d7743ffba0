"""The route that says what is wrong with a token: for services, and with the scope ``zego:inspect``."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from token_api import paths
from token_api.responses import Routes, json_response
from token_api.schemas import inspection_request
from zego_service.deployment import Deployment
from zego_token import DecodedToken

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response


def inspect_routes(deployment: Deployment) -> Routes:
    """The route for inspections."""
    routes = Routes(deployment)

    @routes.post(paths.INSPECT)
    def inspect() -> "Response[str]":
        caller, now = routes.require_caller(), deployment.clock()
        inspection = deployment.inspecting.inspect(caller, inspection_request(routes.event), now)
        token = None if inspection.token is None else _shown(inspection.token, now.unix)
        return json_response({"token": token, "findings": [asdict(found) for found in inspection.findings]})

    return routes


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
