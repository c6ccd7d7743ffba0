"""The routes for what was provisioned: tokens from grants, the grants themselves, and tokens minted ahead."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from token_api import paths
from token_api.responses import Routes, json_response
from token_api.schemas import entry_request, grants_query
from token_api.token_routes import answer_with_token, token_response
from zego_service.callers import ISSUE, missing
from zego_service.deployment import Deployment
from zego_service.errors import InvalidRequestError, NotEntitledError
from zego_service.fields import parse_known_room_id, parse_known_user_id, parse_request_id
from zego_service.provisioning.grant_rows import Grant, RoomState
from zego_service.provisioning.rooms import RoomKey

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response


def room_routes(deployment: Deployment) -> Routes:
    """The routes, over the grants and the tokens of a deployment."""
    routes = Routes(deployment)
    admission, grants = deployment.admission, deployment.grants

    @routes.post(paths.ROOM_TOKENS)
    def enter(room_id: str) -> "Response[str]":
        now = deployment.clock()
        return answer_with_token(
            routes,
            lambda caller: entry_request(routes.event, caller, _decoded(room_id, "room_id")),
            lambda caller, request: admission.enter(caller, request, now),
            now,
        )

    @routes.get(paths.ROOM_GRANTS)
    def show(room_id: str) -> "Response[str]":
        caller = routes.require_caller()
        if not caller.is_service:
            raise NotEntitledError(f"seeing who may join a room needs {missing(ISSUE)}", None, "service-only")
        query = grants_query(routes.event)
        app_id = deployment.apps.require(caller, query.app_id, deployment.clock())
        key = RoomKey(app_id, parse_known_room_id(_decoded(room_id, "room_id")))
        page = grants.page(key, query.limit, query.after)
        shown = {
            "room": {"app_id": app_id, "room_id": key.room_id, **_state(page.room)},
            "grants": [_shown(grant) for grant in page.grants],
            "next": None if page.next_key is None else page.next_key.cursor,
        }
        return json_response(shown)

    @routes.get(paths.PROVISIONED)
    def hand_out(request_id: str, user_id: str) -> "Response[str]":
        caller, now = routes.require_caller(), deployment.clock()
        wanted = parse_request_id(_decoded(request_id, "request_id"))
        user = parse_known_user_id(_decoded(user_id, "user_id"))
        return token_response(admission.hand_out(caller, wanted, user, now), now)

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
