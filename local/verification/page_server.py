"""Serves the page that visits the rooms, to a browser on this machine.

The page gets tokens of a real app. So its address has a random part, and pages of other origins are refused.
"""

import json
import secrets
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from local.access import LOCAL_ADDRESS, Access
from local.server import server_over
from local.verification.cases import CASES, Case, Seen
from local.verification.visits import Visits, case_of
from zego_cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_FILES = {"": ("index.html", "text/html; charset=utf-8"), "main.js": ("main.js", "text/javascript")}
_MOST_BYTES = 4096
# ZEGO's SDK connects to hosts that it learns at run time.
_POLICY = "default-src 'self' 'unsafe-inline' https: wss: blob: data:; frame-ancestors 'none'"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass
class PageServer:
    """The page in a folder, over the visits. ``saw`` gets what was seen of each case."""

    folder: Path
    visits: Visits
    saw: Callable[[Case, Seen], None]
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    done: threading.Event = field(default_factory=threading.Event)

    def serve(self, listener: socket.socket) -> None:
        """Serve until the page says that it is done, or Ctrl-C."""
        server = server_over(self, listener)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            while not self.done.wait(1):  # a wait without an end would not notice Ctrl-C everywhere
                pass
        finally:
            server.shutdown()
            server.server_close()

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> "Iterable[bytes]":
        return self._answer(Request(environ))(environ, start)

    def _answer(self, request: Request) -> Response:
        host, address = request.headers.get("Host"), request.environ.get(LOCAL_ADDRESS)
        origin = request.headers.get("Origin")
        is_own = Access().takes_host(host, address) and origin in (None, f"http://{host}")
        prefix, path = f"/{self.key}/", request.path
        if not is_own or not secrets.compare_digest(path[: len(prefix)].encode(), prefix.encode()):
            return _json({"message": "open the address that make verify-live printed"}, HTTPStatus.FORBIDDEN)
        name = path.removeprefix(prefix)
        if request.method == "GET" and name in _FILES:
            file, content_type = _FILES[name]
            content = (self.folder / file).read_bytes()
            return Response(content, content_type=content_type, headers=_HEADERS)
        if request.method == "POST":
            return self._act(*name.partition("/")[::2], request)
        return _json({"message": "there is no such page"}, HTTPStatus.NOT_FOUND)

    def _act(self, action: str, name: str, request: Request) -> Response:
        case = case_of(name)
        try:
            if action == "cases":
                return _json({"cases": [{"name": each.name, "title": each.title} for each in CASES]})
            if action == "done":
                self.done.set()
                return _json({})
            if case is not None and action == "visit":
                return _json(self.visits.start(case))
            if case is not None and action == "kick":
                self.visits.kick(case)
                return _json({})
            if case is not None and action == "result":
                self.saw(case, Seen.parse(_object(request)))
                return _json({})
        except CommandError as error:
            sys.stderr.write(f"  {name}: {error}\n")
            return _json({"message": str(error)}, HTTPStatus.BAD_GATEWAY)
        except ValueError as error:
            return _json({"message": str(error)}, HTTPStatus.BAD_REQUEST)
        return _json({"message": "there is no such case"}, HTTPStatus.NOT_FOUND)


def _object(request: Request) -> dict[str, Any]:
    if (request.content_length or 0) > _MOST_BYTES:
        raise ValueError("the result is too long")
    body = json.loads(request.get_data())
    if not isinstance(body, dict):
        raise ValueError("the result must be an object")
    return body


def _json(content: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(json.dumps(content), status, headers=_HEADERS, content_type="application/json")
