"""The pages of `make run`: what is served to whom, how strictly, and that none of it is deployed."""

import json
import re
from collections.abc import Callable

import pytest
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request, Response

from local.access import Access, guarded
from local.console import (
    CONSOLE_PATH,
    ROOMS_PATH,
    Console,
    explained,
    stored_reasons,
    stored_rooms,
    with_console,
)
from local.gateway import LocalContext, local_iam
from local.jwt_authorizer import JwtAuthorizer
from local.run import SERVICE_SCOPE
from openapi.document import document
from tests.deployment import Deployment
from tests.factories import APP_ID, ROOT, FakeContext
from tests.provisioning_events import ENDS_AT, STARTS_AT, cancelled, scheduled

PAGES = ROOT / "local" / "pages"
SCRIPTS = sorted(PAGES.glob("*.js"))
DOCS = ["/docs", "/docs/openapi.json", "/docs/swagger-ui.min.css", "/docs/swagger-ui-bundle.min.js"]
FILES = ["/", *DOCS, *(f"/console/{path.name}" for path in sorted(PAGES.iterdir()))]
LOCAL_PATHS = [CONSOLE_PATH, ROOMS_PATH]

Browse = Callable[..., TestResponse]


@Request.application
def the_api(request: Request) -> Response:
    return Response(f"the API: {request.method} {request.path}")


def browser_of(console: Console) -> Browse:
    client = Client(guarded(with_console(the_api, console), Access()))

    def browse(path: str, method: str = "GET", **headers: str) -> TestResponse:
        return client.open(path, method=method, headers=headers)

    return browse


@pytest.fixture
def browse() -> Browse:
    """A `make run` that requires no JWT."""
    return browser_of(Console(APP_ID, local_iam, list))


@pytest.mark.parametrize("path", FILES)
def test_a_page_runs_nothing_but_its_own_files(browse: Browse, path: str) -> None:
    answer = browse(path)

    assert answer.status_code == 200
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert {policy[name] for name in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_console_lets_no_text_become_html(browse: Browse) -> None:
    assert "require-trusted-types-for 'script'" in browse("/").headers["Content-Security-Policy"]
    for script in SCRIPTS:
        text = script.read_text()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(", text
        )


@pytest.mark.parametrize("name", ["index.html", "docs.html"])
def test_a_page_has_nothing_inline_and_nothing_from_elsewhere(name: str) -> None:
    html = (PAGES / name).read_text()

    assert not re.search(r"<style|\sstyle=|\son\w+=|https?:|//", html.removeprefix("<!doctype html>"))
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


@pytest.mark.parametrize("path", [*FILES, *LOCAL_PATHS])
def test_a_page_is_for_this_machine(browse: Browse, path: str) -> None:
    assert browse(path, Host="evil.example").status_code == 403
    assert browse(path, Origin="https://evil.example").status_code == 403


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("dev.example.com", "https://dev.example.com", 200),
        ("DEV.example.com:3000", "http://dev.example.com:3000", 200),
        ("dev.example.com:3000", "http://dev.example.com", 403),
        ("dev.example.com", "ftp://dev.example.com", 403),
        ("localhost:3000", "https://dev.example.com", 403),
        ("dev.example.com", "https://dev.example.com.evil.example", 403),
        ("evil.example", "https://evil.example", 403),
        ("dev.example.com", "null", 403),
    ],
)
def test_a_page_may_use_the_api_of_the_host_that_it_came_from(host: str, origin: str, status: int) -> None:
    access = Access(hosts=frozenset({"dev.example.com"}))
    client = Client(guarded(with_console(the_api, Console(APP_ID, local_iam, list)), access))

    assert client.post("/v1/tokens", headers={"Host": host, "Origin": origin}).status_code == status


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/"), ("DELETE", CONSOLE_PATH), ("GET", "/v1/health"), ("GET", "/nowhere"),
     ("GET", "/console/../run.py"), ("GET", "/console/%2e%2e/run.py"), ("GET", "/docs/swagger-ui.js")],
)  # fmt: skip
def test_all_else_is_left_to_the_api(browse: Browse, method: str, path: str) -> None:
    assert browse(path, method).text.startswith(f"the API: {method} ")


def test_the_description_is_that_of_the_api_and_needs_no_caller() -> None:
    browse = browser_of(Console(APP_ID, JwtAuthorizer(), list, {"USER_JWT": "eyJ.a.b"}))

    assert json.loads(browse("/docs/openapi.json").data) == document()


def test_without_jwts_there_is_no_caller_to_choose(browse: Browse) -> None:
    assert browse(CONSOLE_PATH).json == {"app_id": APP_ID, "needs_jwt": False, "callers": []}


def test_the_key_of_the_pages_address_gives_the_callers_and_nothing_else_does() -> None:
    console = Console(APP_ID, JwtAuthorizer(), list, {"USER_JWT": "eyJ.a.b"})
    browse = browser_of(console)

    (key,) = re.findall(r"^http://127\.0\.0\.1:3000/#key=(\S{22})$", console.address("http://127.0.0.1:3000"))

    known = {"app_id": APP_ID, "needs_jwt": True}
    right = browse(CONSOLE_PATH, Authorization=f"Bearer {key}").json
    assert right == {**known, "callers": [{"name": "USER_JWT", "jwt": "eyJ.a.b"}]}
    for wrong in ("", "Bearer ", f"Bearer {key[:-1]}", f"Bearer {key}x", key, "Bearer ü", f"bearer {key}"):
        assert browse(CONSOLE_PATH, Authorization=wrong).json == {**known, "callers": []}
    assert key not in repr(console)
    assert "eyJ.a.b" not in repr(console)


def test_rooms_are_listed_for_services() -> None:
    authorizer = JwtAuthorizer()
    room = {"room_id": "demo"}
    browse = browser_of(Console(APP_ID, authorizer, lambda: [room], {"a": "b"}))

    def status(scope: str) -> int:
        return browse(ROOMS_PATH, Authorization=f"Bearer {authorizer.issue('alice', scope)}").status_code

    assert browse(ROOMS_PATH).status_code == 401
    assert (status(""), status(SERVICE_SCOPE)) == (403, 200)


def test_all_rooms_of_the_table_are_listed_as_the_api_shows_them(deployment: Deployment) -> None:
    provisioner = deployment.handler
    for event in (scheduled("alice", room_id="z#1"), scheduled("bob", room_id="gone"), cancelled(2, "gone")):
        provisioner(event, FakeContext())

    assert stored_rooms() == [
        {"app_id": APP_ID, "room_id": "gone", "state": "cancelled", "revision": 2,
         "starts_at": None, "ends_at": None},
        {"app_id": APP_ID, "room_id": "z#1", "state": "scheduled", "revision": 1,
         "starts_at": STARTS_AT, "ends_at": ENDS_AT},
    ]  # fmt: skip


def test_an_event_is_answered_with_why_something_was_left_out(deployment: Deployment) -> None:
    provisioner = explained(lambda event, _context: deployment(event), stored_reasons)

    partly = provisioner(scheduled("alice", "a b", "alice"), LocalContext())
    wholly = provisioner(scheduled("alice", ends_at=STARTS_AT), LocalContext())
    applied = provisioner(scheduled("alice", revision=2), LocalContext())

    assert [(error["entry"], error["field"]) for error in partly["errors"]] == [
        ("participants[1]", "user_id"),
        ("participants[2]", "user_id"),
    ]
    assert [(error["entry"], error["field"]) for error in wholly["errors"]] == [("detail", "ends_at")]
    assert "errors" not in applied
