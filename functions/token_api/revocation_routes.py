"""The routes for revocations, for services and for callers with the scope ``zego:revoke``."""

from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING

from token_api import paths
from token_api.responses import Routes, json_response
from token_api.schemas import require_target, revocation_query, revocation_request
from zego_service.deployment import Deployment
from zego_service.issuing.revocations import READ_SECONDS
from zego_service.issuing.revoking import Revoker

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response

_NOTE = (
    f"No further tokens, within {READ_SECONDS} seconds. Tokens that were issued before live until they "
    "expire: keep validities short, and remove users who are in a room with ZEGO's KickoutUser."
)
_KICKED = "kicked: whether ZEGO accepted the call; it accepts it for a user who is not in the room, too."


def revocation_routes(deployment: Deployment) -> Routes:
    """The routes for revocations."""
    routes = Routes(deployment)

    def require_revoker() -> Revoker:
        return deployment.revoking.by(routes.require_caller())

    @routes.post(paths.REVOCATIONS)
    def revoke() -> "Response[str]":
        revoker = require_revoker()
        revocation, kick = revoker.revoke(revocation_request(routes.event), deployment.clock())
        answer = {**asdict(revocation), "note": _NOTE}
        if kick is not None:
            answer["kicked"] = kick.kicked
            answer["note"] = f"{_NOTE} {_KICKED}"
        if kick is not None and kick.error is not None:
            answer["kick_error"] = kick.error
        return json_response(answer, HTTPStatus.CREATED)

    @routes.get(paths.REVOCATIONS)
    def show() -> "Response[str]":
        revoker = require_revoker()
        found = revoker.in_force(revocation_query(routes.event).app_id, deployment.clock())
        return json_response({"revocations": [asdict(revocation) for revocation in found]})

    @routes.delete(paths.REVOCATIONS)
    def lift() -> "Response[str]":
        revoker = require_revoker()
        target = require_target(revocation_query(routes.event))
        return json_response({"lifted": revoker.lift(target, deployment.clock())})

    return routes
