"""The console by keyboard, by screen reader and on narrow screens; and the API's description in Chromium."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, expect

from tests.clients.console import Console, opened
from tests.clients.service import Service

SERIOUS = ("serious", "critical")
LONG = "a" * 63


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def console(browser: Browser, backend_service: Service) -> Iterator[Console]:
    with opened(browser, [backend_service.url]) as console:
        yield console.open(backend_service.url)


def show_all(console: Console) -> None:
    """Use every form, so that everything is on the page that may be."""
    console.fill_in("#tokens form", user_id=LONG)
    console.press("#tokens", "Make the token")
    console.message("#tokens", "A token for")
    console.press("#tokens", "Copy as curl")
    console.press("#tokens", "Inspect this token")
    console.message("#diagnosis", "Nothing is wrong")
    console.fill_in("#diagnosis form", user_id="bob")
    console.press("#diagnosis", "Inspect the token")
    console.message("#diagnosis", "One thing is wrong")
    console.fill_in("#schedule", room_id=LONG, publishers=f"alice\n{LONG}")
    console.press("#rooms", "Schedule")
    console.message("#schedule", "Scheduled")
    console.press("#rooms-result", f"Grants of {LONG}")
    console.message("#grants", "2 grants.")
    console.fill_in("#revoke", user_id=LONG.upper())
    console.press("#revocations", "Revoke")
    console.message("#revoke", "Revoked")
    console.fill_in("#revoke", user_id="")
    console.press("#revocations", "Revoke")
    console.message("#revoke", "400: ")


def serious_findings(console: Console) -> list[tuple[str, list[Any]]]:
    """The rules of axe-core that are broken, and where."""
    violations = Axe().run(console.page).response["violations"]
    return [
        (violation["id"], [node["html"] for node in violation["nodes"]])
        for violation in violations
        if violation["impact"] in SERIOUS
    ]


def test_axe_finds_nothing_serious(browser: Browser, backend_service: Service, theme: Any) -> None:
    with opened(browser, [backend_service.url], color_scheme=theme) as console:
        console.open(backend_service.url)
        show_all(console)

        assert serious_findings(console) == []


def test_axe_finds_nothing_serious_where_a_caller_is_chosen(
    browser: Browser, service: Service, theme: Any
) -> None:
    with opened(browser, [service.url], color_scheme=theme) as console:
        console.open(service.url)
        expect(console("#caller")).to_be_visible()

        assert serious_findings(console) == []


def test_a_narrow_screen_scrolls_in_one_direction(browser: Browser, backend_service: Service) -> None:
    with opened(browser, [backend_service.url], viewport={"width": 320, "height": 640}) as console:
        console.open(backend_service.url)
        show_all(console)

        assert console.page.evaluate("document.documentElement.scrollWidth") == 320


def press_until(console: Console, name: str, key: str = "Tab") -> None:
    """Move through the page until the focus is on what has this name, and is seen to be there."""
    for _ in range(80):
        console.page.keyboard.press(key)
        focused = console.page.evaluate(
            """() => {
              const { activeElement: it } = document;
              const style = getComputedStyle(it);
              const name = it.ariaLabel ?? it.labels?.[0]?.textContent ?? it.textContent;
              return [name.trim(), style.outlineStyle !== "none" && style.outlineWidth !== "0px"];
            }"""
        )
        if focused[0] == name:
            assert focused[1], f"the focus on {name} cannot be seen"
            return
    raise AssertionError(f"{name} cannot be reached with {key}")


def test_all_is_done_by_keyboard(console: Console) -> None:
    keyboard = console.page.keyboard

    # the first stop skips the links
    press_until(console, "Skip to the forms")
    keyboard.press("Enter")
    press_until(console, "User id")
    keyboard.press("Control+a")
    keyboard.type("carol")
    keyboard.press("Enter")
    console.message("#tokens", "A token for carol")

    # a token is copied and inspected
    press_until(console, "Copy as JavaScript")
    keyboard.press("Enter")
    expect(console("#tokens form .copy [role=status]")).to_have_text("Copied as JavaScript.")
    press_until(console, "Inspect this token")
    keyboard.press("Enter")
    console.message("#diagnosis", "Nothing is wrong")
    expect(console("#d-token")).to_be_focused()

    # a room is scheduled and its grants are shown
    press_until(console, "Schedule")
    press_until(console, "Room id", "Shift+Tab")
    keyboard.type("keys")
    press_until(console, "May publish")
    keyboard.type("carol")
    press_until(console, "Schedule")
    keyboard.press("Space")
    console.message("#schedule", "Scheduled, with 1 participant.")
    press_until(console, "Grants of keys")
    keyboard.press("Enter")
    console.message("#grants", "1 grant.")
    expect(console("#g-room")).to_be_focused()

    # a user is revoked, and the revocation lifted
    press_until(console, "Revoke")
    press_until(console, "User id", "Shift+Tab")
    keyboard.type("mallory")
    keyboard.press("Enter")
    console.message("#revoke", "Revoked for user mallory")
    press_until(console, "Lift the revocation for user mallory")
    keyboard.press("Enter")
    console.message("#revoke", "Lifted for user mallory")
    expect(console("#revocations-list")).to_be_focused()


def test_what_happens_is_said_to_screen_readers(console: Console) -> None:
    console.press("#tokens", "Make the token")
    console.message("#tokens", "A token for alice")

    for form in ("#tokens", "#diagnosis", "#schedule", "#grants", "#all-rooms", "#revoke", "#in-force"):
        expect(console(f"{form} .message")).to_have_attribute("role", "status")
    expect(console("#tokens .countdown")).to_have_attribute("role", "timer")
    levels = [int(each.evaluate("node => node.tagName[1]")) for each in console("h1, h2, h3, h4").all()]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_description_is_shown_and_tries_a_request(browser: Browser, service: Service) -> None:
    def tried(console: Console, operation: str) -> Locator:
        """The status of the answer to a request that is sent as the description has it."""
        block = console(f"[id^=operations-][id$={operation}]")
        block.locator("button.opblock-summary-control").click()
        block.get_by_role("button", name="Try it out").click()
        block.get_by_role("button", name="Execute").click()
        return block.locator(".live-responses-table tbody .response-col_status").first

    with opened(browser, [service.url]) as console:
        # nobody needs to be a caller to read it, but to send what needs one
        console.page.goto(f"{service.url}/docs")
        expect(console(".opblock-summary-path").first).to_have_text("/v1/tokens")
        expect(tried(console, "showRevocations")).to_contain_text("401")

        # the console's caller is used here too
        console.open(service.console)
        console("#caller-name").select_option("BACKEND_JWT")
        console.page.get_by_role("link", name="API description").click()
        expect(tried(console, "showRevocations")).to_contain_text("200")
