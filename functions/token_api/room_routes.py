"""The routes for what was provisioned: tokens from grants, the grants themselves, and tokens minted ahead."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from token_api.gateway_events import request_id_of
from token_api.responses import Routes, authenticated, json_response
from token_api.schemas import cursor_of, entry_request, grants_query
from token_api.token_routes import no_token
from zego_service.deployment import TokenService
from zego_service.errors import InvalidRequestError, NotEntitledError
from zego_service.issuing import audit
from zego_service.provisioning.grants import Grant, RoomState
from zego_service.provisioning.rooms import RoomKey
from zego_service.telemetry import count

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response


def room_routes(service: TokenService) -> Routes:
    """The routes, over the grants and the tokens of a deployment."""
    routes = Routes()
    admission, grants, settings = service.admission, service.grants, service.settings

    @routes.post("/v1/rooms/<room_id>/tokens")
    def enter(room_id: str) -> "Response[str]":
        caller = request = None
        try:
            caller = authenticated(routes.event, settings.user_id_claim)
            request = entry_request(routes.event, caller, _decoded(room_id, "room_id"))
            granted = admission.granted(caller, request)
            request = granted.token
            issued = admission.issue(caller, granted)
        except Exception as error:  # noqa: BLE001, one place for all that can go wrong
            return no_token(error, request_id_of(routes.event), caller, request)
        count("TokensIssued")
        audit.issued(caller, request, issued)
        return json_response(asdict(issued))

    @routes.get("/v1/rooms/<room_id>/grants")
    def show(room_id: str) -> "Response[str]":
        caller = authenticated(routes.event, settings.user_id_claim)
        if not caller.is_service:
            raise NotEntitledError("only a service may see who may join a room", None, "service-only")
        query = grants_query(routes.event)
        app_id = service.apps.require(caller, query.app_id)
        key = RoomKey(app_id, _decoded(room_id, "room_id"))
        page = grants.page(key, query.limit, query.after)
        shown = {
            "room": {"app_id": app_id, "room_id": key.room_id, **_state(page.room)},
            "grants": [_shown(grant) for grant in page.grants],
            "next": None if page.next_key is None else cursor_of(page.next_key),
        }
        return json_response(shown)

    @routes.get("/v1/provisioned/<request_id>/<user_id>")
    def hand_out(request_id: str, user_id: str) -> "Response[str]":
        caller = authenticated(routes.event, settings.user_id_claim)
        token = admission.hand_out(caller, _decoded(request_id, "request_id"), _decoded(user_id, "user_id"))
        count("TokensHandedOut")
        audit.handed_out(caller, token)
        return json_response(asdict(token))

    return routes


def _decoded(segment: str, name: str) -> str:
    """A part of the path, in which every other character may be percent-encoded."""
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise InvalidRequestError(f"{name} is not UTF-8 text", name) from None


def _state(room: RoomState | None) -> dict[str, Any]:
    if room is None:
        return {"state": "unscheduled", "revision": None, "starts_at": None, "ends_at": None}
    if room.window is None:
        return {"state": "cancelled", "revision": room.revision, "starts_at": None, "ends_at": None}
    return {"state": "scheduled", "revision": room.revision, **asdict(room.window)}


def _shown(grant: Grant) -> dict[str, Any]:
    source = "roster" if grant.by_roster else "schedule"
    return {**asdict(grant.participant), **asdict(grant.window), "revision": grant.revision, "source": source}
