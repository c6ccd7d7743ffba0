"""Rooms to join, and requests for their tokens and lists."""

import json
import time
from typing import Any
from urllib.parse import quote, urlencode

from tests.api import Answer
from tests.factories import APP_ID, SERVICE_ROLES, token_event
from zego_service.deployment import Deployment as Service
from zego_service.provisioning.rooms import Participant, RoomKey, RosterEntry, ScheduledRoom, Window
from zego_service.settings import Settings

HOUR = 3600
ALICE = Participant(user_id="alice", publish=True, stream_ids=("s1", "s2"))
BOB = Participant(user_id="bob")
SETTINGS = Settings(default_app_id=APP_ID, service_roles=SERVICE_ROLES)


def window(starts_in: int = -HOUR, ends_in: int = HOUR) -> Window:
    now = int(time.time())
    return Window(starts_at=now + starts_in, ends_at=now + ends_in)


def schedule(
    service: Service,
    *participants: Participant,
    when: Window | None = None,
    room_id: str = "demo",
    revision: int = 1,
) -> None:
    room = ScheduledRoom(RoomKey(APP_ID, room_id), revision, when or window(), participants)
    service.grants.schedule(room)


def enroll(service: Service, participant: Participant, when: Window | None = None, revision: int = 1) -> None:
    entry = RosterEntry(2, RoomKey(APP_ID, "demo"), participant, when or window())
    service.grants.add_roster([entry], revision)


def request(
    method: str,
    route: str,
    trigger: str = "http_api",
    body: object = None,
    query: dict[str, object] | None = None,
    **parameters: str,
) -> dict[str, Any]:
    """A service's request as the trigger passes it on: an HTTP API decodes the path, the others do not."""
    event = token_event(trigger)
    path = route
    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", value if trigger == "http_api" else quote(value, safe=""))
    event["body"] = None if body is None else json.dumps(body)
    if trigger == "rest_api":
        named = {name: [str(value)] for name, value in (query or {}).items()}
        return event | {
            "httpMethod": method,
            "resource": route,
            "path": path,
            "pathParameters": {name: quote(value, safe="") for name, value in parameters.items()},
            "multiValueQueryStringParameters": named or None,
        }
    http = {**event["requestContext"]["http"], "method": method, "path": path}
    event |= {"rawPath": path, "rawQueryString": urlencode(query or {})}
    event["requestContext"] = {**event["requestContext"], "http": http}
    if trigger == "http_api":
        event |= {"routeKey": f"{method} {route}", "pathParameters": parameters}
    return event


def entry(trigger: str = "http_api", room_id: str = "demo", **fields: object) -> dict[str, Any]:
    """A service asks for alice's token of a room."""
    body = {"user_id": "alice", **fields}
    return request("POST", "/v1/rooms/{room_id}/tokens", trigger, body, room_id=room_id)


def refused(answer: Answer, status: int, rule: str | None = None, field: str | None = None) -> Answer:
    found = (answer.status, answer.json.get("rule"), answer.json.get("field"))
    assert found == (status, rule, field)
    return answer
