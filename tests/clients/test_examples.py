"""The examples' pages join rooms with tokens of the service, from another origin than the API's."""

import sys
import time

import pytest
from playwright.sync_api import Page, Request

from tests.clients.service import Service, await_line, log_of
from tests.factories import APP_ID

NAMES = ["Alice", "李雷", "🦊 & 🇩🇪", 'O\'Brien "Bob"', "a+b c%41", "Zoë/é:\\"]
LONGER = 110  # seconds


@pytest.fixture
def sockets(page: Page) -> list[str]:
    """The addresses to which the page has opened a WebSocket."""
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    return opened


def await_network(page: Page, sockets: list[str], seconds: float = 20) -> None:
    """Wait until the SDK asks for a server of ZEGO's, which it does once it has nothing against the token."""
    deadline = time.monotonic() + seconds
    while not any("accesshub" in address for address in sockets) and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert any("accesshub" in address for address in sockets), log_of(page)
    assert not [line for line in log_of(page) if "failed" in line]


@pytest.fixture
def asked(page: Page, service: Service) -> list[float]:
    """When the page has asked the API for a token."""
    times: list[float] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.startswith(service.url):
            times.append(time.monotonic())

    page.on("request", note)
    return times


def test_express_takes_the_token_and_goes_to_its_network(
    page: Page, sockets: list[str], service: Service, origin: str
) -> None:
    # when a user joins the room that `make run` provisions
    service.fill_in(page, f"{origin}/web/index.html", jwt=service.user, room="demo")

    # then the SDK has nothing against the token
    await_line(page, "room CONNECTING 0")
    await_network(page, sockets)


def test_a_refusal_is_shown_with_its_reason(page: Page, service: Service, origin: str) -> None:
    service.fill_in(page, f"{origin}/web/index.html", jwt=service.user, room="elsewhere")

    await_line(page, "failed: 403")
    assert "grant" in log_of(page)[-1]


def test_a_page_renews_its_token_and_asks_once_in_the_last_minute_of_its_grant(
    page: Page, asked: list[float], service: Service, origin: str
) -> None:
    # given a user whose time in the room ends soon, and is extended while the page is open
    service.schedule("short", revision=1, seconds=50)
    service.fill_in(page, f"{origin}/web/index.html", jwt=service.user, room="short")
    await_line(page, "token for")
    service.schedule("short", revision=2, seconds=LONGER)
    ends_at = time.monotonic() + LONGER

    # when the page stays until the end
    await_line(page, "no more tokens", seconds=LONGER)
    page.wait_for_timeout(1000 * max(ends_at - time.monotonic(), 0))

    # then its timer has renewed the token, and the first refusal has ended it
    last_minute = [when for when in asked if when > ends_at - 60]
    sys.stderr.write(f"\n{len(asked)} requests in {LONGER} s, {len(last_minute)} in the last minute\n")
    lines = [line.rstrip("0123456789 s") for line in log_of(page) if "token" in line or "renewed" in line]
    assert lines[:2] == ["token for", "renewed for"]
    assert len(lines) == 3
    assert (len(asked), len(last_minute)) == (3, 1)


@pytest.mark.parametrize("name", NAMES)
def test_uikit_reads_the_kit_token_back(page: Page, service: Service, origin: str, name: str) -> None:
    # given the kit token of a user with this name
    issued = service.token("demo", product="uikit", user_name=name)

    # when UIKit is created with it
    page.goto(f"{origin}/sdk/index.html")
    page.evaluate("(token) => ZegoUIKitPrebuilt.create(token) && null", issued["kit_token"])

    # then it has the app, the user, the room, the name and the token
    assert page.evaluate("ZegoUIKitPrebuilt.core._expressConfig") == {
        "appID": APP_ID,
        "userID": "alice",
        "userName": name,
        "roomID": "demo",
        "token": issued["token"],
    }


def test_uikit_takes_the_kit_token_and_goes_to_its_network(
    page: Page, sockets: list[str], service: Service, origin: str
) -> None:
    service.fill_in(page, f"{origin}/uikit/index.html", jwt=service.user, room="demo", name="李雷")

    await_line(page, "token for")
    await_network(page, sockets)


def test_zim_takes_the_token_and_goes_to_its_network(
    page: Page, sockets: list[str], backend_service: Service, origin: str
) -> None:
    backend_service.fill_in(page, f"{origin}/zim/index.html", user="alice")

    await_line(page, "token for")
    await_network(page, sockets)
