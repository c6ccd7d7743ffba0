"""The pages of `make run`: the console at `/`, and the API's description at `/docs`. They are not deployed.

`local.access` decides who may ask for them, as it does for the API.
"""

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_lambda_powertools
import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext
from werkzeug.wrappers import Request, Response

from local.gateway import Authorizer, Handler, refusal_of
from zego_service.provisioning.grant_rows import ROOM, room_state
from zego_service.provisioning.rejections import PREFIX
from zego_service.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONSOLE_PATH = "/local/console"
ROOMS_PATH = "/local/rooms"
_PAGES = Path(__file__).with_name("pages")
# Powertools carries the files of Swagger UI.
_SWAGGER_UI = Path(aws_lambda_powertools.__file__).parent / "event_handler" / "openapi" / "swagger_ui"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_NOTHING_BUT = (
    "default-src 'none'; connect-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"{_NOTHING_BUT}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Console:
    """What the console knows of `make run`.

    ``callers`` are JWTs by their names; there are none where no JWT is required. ``rooms`` lists the rooms.
    Only the key in the page's address gives the JWTs.
    """

    app_id: int
    authorizer: Authorizer
    rooms: Callable[[], list[dict[str, Any]]]
    callers: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)

    def address(self, url: str) -> str:
        """The address of the page, with its key where JWTs are required."""
        # What follows # is not sent, so no log has it.
        return f"{url}/#key={self.key}" if self.callers else f"{url}/"


def with_console(application: "WSGIApplication", console: Console) -> "WSGIApplication":
    """The application, with the console's pages in front of it."""
    files, routes = _files(), {CONSOLE_PATH: _described, ROOMS_PATH: _listed}

    def serve(environ: "WSGIEnvironment", start: "StartResponse") -> Any:
        request = Request(environ)
        if request.method not in ("GET", "HEAD"):
            return application(environ, start)
        path = request.path.rstrip("/") or "/"
        if path in files:
            return _page(files[path])(environ, start)
        if path in routes:
            return routes[path](console, request)(environ, start)
        return application(environ, start)

    return serve


def stored_rooms() -> list[dict[str, Any]]:
    """All rooms of the embedded AWS's table, as the API shows a room. The API itself lists none."""
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=Settings().table)
    rooms: dict[tuple[int, str], dict[str, Any]] = {}
    for item in (item for page in pages for item in page["Items"] if item["pk"]["S"].startswith("ROOM#")):
        _, app_id, room_id = item["pk"]["S"].split("#", 2)
        room = rooms.setdefault((int(app_id), room_id), {"state": "unscheduled"})
        if item["sk"]["S"] == ROOM:
            state = room_state(item)
            window = state.window
            room["state"] = "cancelled" if window is None else "scheduled"
            room |= {} if window is None else {"starts_at": window.starts_at, "ends_at": window.ends_at}
            room["revision"] = state.revision
    nothing = {"revision": None, "starts_at": None, "ends_at": None}
    return [
        {"app_id": app_id, "room_id": room_id, **nothing, **rooms[app_id, room_id]}
        for app_id, room_id in sorted(rooms)
    ]


def explained(provisioner: Handler, reasons: Callable[[Mapping[str, Any]], list[Any]]) -> Handler:
    """The provisioner, which also answers why it left something out."""

    def explaining(event: Mapping[str, Any], context: LambdaContext) -> Mapping[str, Any]:
        outcome = provisioner(event, context)
        return {**outcome, "errors": reasons(event)} if outcome.get("rejected") else outcome

    return explaining


def stored_reasons(event: Mapping[str, Any]) -> list[Any]:
    """What the embedded AWS's bucket has of a rejected event: each entry, its field and the reason."""
    client, bucket = boto3.client("s3"), Settings().bucket
    listed = client.list_objects_v2(Bucket=bucket, Prefix=PREFIX).get("Contents", [])
    for each in sorted(listed, key=lambda each: each["LastModified"], reverse=True):
        stored = json.loads(client.get_object(Bucket=bucket, Key=each["Key"])["Body"].read())
        if stored["event"]["detail"] == event.get("detail"):
            return list(stored["errors"])
    return []


def _files() -> dict[str, Path]:
    """The files that are served, by their paths."""
    own = {f"/console/{path.name}": path for path in _PAGES.iterdir() if path.suffix in _TYPES}
    swagger = {f"/docs/{path.name}": path for path in _SWAGGER_UI.glob("*.min.*")}
    # The description is no secret, so the page needs no caller to show it.
    description = Path(__file__).parents[1] / "functions" / "token_api" / "openapi.json"
    docs = {"/docs": _PAGES / "docs.html", "/docs/openapi.json": description}
    return {"/": _PAGES / "index.html", **own, **docs, **swagger}


def _page(file: Path) -> Response:
    headers = dict(_HEADERS)
    if file.name == "index.html":  # Swagger UI makes HTML of text, after it has cleaned it
        headers["Content-Security-Policy"] += "; require-trusted-types-for 'script'; trusted-types 'none'"
    return Response(file.read_bytes(), headers=headers, content_type=_TYPES[file.suffix])


def _described(console: Console, request: Request) -> Response:
    """What the page shows of `make run`; with the callers where the request has the key."""
    has_key = hmac.compare_digest(
        request.headers.get("Authorization", "").encode(), f"Bearer {console.key}".encode()
    )
    callers = [{"name": name, "jwt": jwt} for name, jwt in console.callers.items()] if has_key else []
    return _json({"app_id": console.app_id, "needs_jwt": bool(console.callers), "callers": callers})


def _listed(console: Console, request: Request) -> Response:
    return refusal_of(console.authorizer(request), "list rooms") or _json({"rooms": console.rooms()})


def _json(body: Mapping[str, Any]) -> Response:
    return Response(json.dumps(body) + "\n", HTTPStatus.OK, _HEADERS, content_type="application/json")
