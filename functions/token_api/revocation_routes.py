"""The routes for revocations."""

import time
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from token_api.responses import Routes, authenticated, json_response
from token_api.schemas import named, revocation_query, revocation_request
from zego_service.callers import Caller
from zego_service.deployment import TokenService
from zego_service.errors import InvalidRequestError, NotEntitledError, ServiceError
from zego_service.issuing import audit
from zego_service.issuing.kickout import KickoutError, kick_out
from zego_service.issuing.policy import may_revoke
from zego_service.issuing.revocations import READ_SECONDS, Revocation
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings
from zego_service.telemetry import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response

_LONGEST_SECONDS = 366 * 86_400
_NOTE = (
    f"No further tokens, within {READ_SECONDS} seconds. Tokens that were issued before live until they "
    "expire: keep validities short, and remove users who are in a room with ZEGO's KickoutUser."
)


def revocation_routes(service: TokenService) -> Routes:
    """The routes, for services and for callers with the scope ``zego:revoke``."""
    routes = Routes()
    apps, revocations, settings = service.apps, service.revocations, service.settings

    def entitled() -> Caller:
        caller = authenticated(routes.event, settings.user_id_claim)
        if not may_revoke(caller):
            raise NotEntitledError("this needs the scope zego:revoke", None, "revoke-scope")
        return caller

    @routes.post("/v1/revocations")
    def revoke() -> "Response[str]":
        caller = entitled()
        request = revocation_request(routes.event)
        target, until = request.target, request.until
        now = int(time.time())
        if not now < until <= now + _LONGEST_SECONDS:
            raise InvalidRequestError("until must be a Unix time in the next 366 days", "until")
        revocation = Revocation(
            app_id=apps.require(caller, target.app_id),
            user_id=target.user_id,
            room_id=target.room_id,
            until=until,
            created_at=now,
            created_by=caller.identity,
        )
        revocations.put(revocation)
        audit.revoked(caller, revocation)
        answer = {**asdict(revocation), "note": _NOTE}
        if request.kick:
            answer |= _kick_out(revocation, service.secrets, settings)
        return json_response(answer, HTTPStatus.CREATED)

    @routes.get("/v1/revocations")
    def show() -> "Response[str]":
        caller = entitled()
        app_id = apps.require(caller, revocation_query(routes.event).app_id)
        return json_response({"revocations": [asdict(revocation) for revocation in revocations.of(app_id)]})

    @routes.delete("/v1/revocations")
    def lift() -> "Response[str]":
        caller = entitled()
        target = named(revocation_query(routes.event))
        app_id = apps.require(caller, target.app_id)
        was_there = revocations.lift(app_id, target.user_id, target.room_id)
        audit.lifted(caller, app_id, target.user_id, target.room_id)
        return json_response({"lifted": was_there})

    return routes


def _kick_out(revocation: Revocation, secrets: SecretStore, settings: Settings) -> dict[str, Any]:
    """Whether ZEGO removed the user; the revocation stands either way."""
    try:
        secret = secrets.get(revocation.app_id)
        room_id, user_id = revocation.room_id or "", revocation.user_id or ""
        kick_out(settings.server_api, revocation.app_id, secret, room_id, user_id)
    except (ServiceError, KickoutError) as error:
        logger.error("the user was not removed from the room", detail=str(error))
        return {"kicked": False, "kick_error": str(error)}
    return {"kicked": True}
