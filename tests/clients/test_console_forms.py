"""The console of `make run` in Chromium: each flow, and what it does with text that is meant to be HTML."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from local.aws import DEMO_APP_ID, DEMO_SECRET
from tests.clients.console import Console, opened
from tests.clients.service import Service
from tests.independent import open_token

# Characters that ids may have, and that mean something in HTML.
ODD_ID = "<s>o'b&amp;$(id)`x`"
HTML = "<img src=x onerror=alert(1)>"
GOOD = "Nothing is wrong with the token."


@pytest.fixture
def console(browser: Browser, backend_service: Service) -> Iterator[Console]:
    """The console where no JWT is required."""
    with opened(browser, [backend_service.url]) as console:
        yield console.open(backend_service.url)


def make_token(console: Console, **values: str) -> str:
    console.fill_in("#tokens form", **values)
    console.press("#tokens", "Make the token")
    console.message("#tokens", f"A token for {values.get('user_id', 'alice')}")
    return str(console("#made-token").input_value())


def test_a_token_is_made_and_shown_field_by_field(console: Console, backend_service: Service) -> None:
    token = make_token(console, user_id=ODD_ID, room_id="maths", effective_time_in_seconds="600")

    opened_token = open_token(token, DEMO_SECRET)
    assert opened_token.content["user_id"] == ODD_ID
    shown = console.fields("#tokens")
    assert {name: shown[name] for name in ("App id", "User id", "Room id", "Privilege", "Cipher")} == {
        "App id": str(DEMO_APP_ID),
        "User id": ODD_ID,
        "Room id": "maths",
        "Privilege": "login: yes, publish: yes",
        "Cipher": "gcm",
    }
    console.press("#tokens", "Copy the token")
    expect(console("#tokens .result [role=status]")).to_have_text("Copied.")
    assert console.page.evaluate("navigator.clipboard.readText()") == token
    assert token[2:60] not in backend_service.running.output


def test_a_countdown_tells_how_long_the_token_lives(browser: Browser, backend_service: Service) -> None:
    with opened(browser, [backend_service.url]) as console:
        console.page.clock.install()
        console.open(backend_service.url)
        make_token(console, effective_time_in_seconds="600")
        countdown = console("#tokens .countdown")

        expect(countdown).to_have_text(re.compile(r"^Expires in (10 min 0 s|9 min \d+ s); renew in "))
        console.page.clock.fast_forward("09:30")
        expect(countdown).to_have_text(re.compile(r"^Expires in (30|2\d) s; renew now$"))
        console.page.clock.fast_forward("00:40")
        expect(countdown).to_have_text(re.compile(r"^Expired 1\d s ago$"))


@pytest.mark.parametrize(
    ("values", "field", "text"),
    [
        ({"user_id": "a b"}, "user_id", "400: user_id must not contain"),
        ({"user_id": ""}, "user_id", "400: user_id must not be empty"),
        ({"effective_time_in_seconds": "1h"}, "effective_time_in_seconds", "400: effective_time_in_seconds"),
        ({"room_id": "a/b"}, "room_id", "400: room_id must not contain"),
    ],
)
def test_a_refusal_names_the_field_and_moves_there(
    console: Console, values: dict[str, str], field: str, text: str
) -> None:
    make_token(console)
    console.fill_in("#tokens form", **values)
    console.press("#tokens", "Make the token")

    console.message("#tokens", text)
    wrong = console(f"#tokens [name={field}]")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(console("#tokens .result")).to_be_hidden()


def test_a_token_is_inspected_and_its_faults_are_explained(console: Console) -> None:
    make_token(console)
    console.press("#tokens", "Inspect this token")
    console.message("#diagnosis", GOOD)
    assert console.fields("#diagnosis")["User id"] == "alice"

    console.fill_in("#diagnosis form", user_id="bob")
    console.press("#diagnosis", "Inspect the token")
    console.message("#diagnosis", "One thing is wrong with the token.")
    expect(console("#diagnosis .message")).to_have_class("message bad")
    finding = console("#diagnosis .findings li")
    expect(finding).to_contain_text("The token is for user 'alice', not for 'bob'.")
    expect(finding).to_contain_text("other-user")
    expect(finding).to_contain_text("1002077")

    console.fill_in("#diagnosis form", token="eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl")
    console.press("#diagnosis", "Inspect the token")
    expect(finding.first).to_contain_text("jwt")
    expect(console("#diagnosis dl")).to_have_count(0)


def test_a_room_is_scheduled_and_seen_with_its_grants(console: Console) -> None:
    console.fill_in("#schedule", room_id=ODD_ID, publishers=f"alice\n{ODD_ID}\n", viewers="bob\na b")
    console.press("#rooms", "Schedule")

    said = console.message("#schedule", "Scheduled, with 3 participants.")
    expect(said).to_contain_text("participants[3]: user_id must not contain U+0020 SPACE")
    (row,) = [row for row in console.rows("#rooms-result") if row[0] == ODD_ID]
    assert row[1] == "scheduled"

    console("#rooms-result").get_by_role("button", name=f"Grants of {ODD_ID}").click()
    console.message("#grants", "3 grants.")
    assert {row[0]: row[1] for row in console.rows("#grants-result")} == {
        "alice": "login: yes, publish: yes",
        ODD_ID: "login: yes, publish: yes",
        "bob": "login: yes, publish: no",
    }

    # when it is scheduled again, the later one counts
    console.fill_in("#schedule", publishers="", viewers="carol")
    console.press("#rooms", "Schedule")
    console.message("#schedule", "Scheduled, with 1 participant.")
    console.press("#rooms", "Show the grants")
    console.message("#grants", "1 grant.")

    # and what is wrong with an event is said
    console.fill_in("#schedule", ends_at="2001-01-01T00:00:00")
    console.press("#rooms", "Schedule")
    console.message("#schedule", "The event was rejected. ends_at must be")
    expect(console("#schedule [name=ends_at]")).to_be_focused()


def test_a_user_is_revoked_and_the_revocation_lifted(console: Console, backend_service: Service) -> None:
    def in_force() -> list[tuple[str, str]]:
        _, answer = backend_service.running.request("GET", "/v1/revocations")
        return [(each["user_id"], each["room_id"]) for each in answer["revocations"]]

    console.fill_in("#revoke", user_id=ODD_ID, room_id="maths")
    console.press("#revocations", "Revoke")
    console.message("#revoke", f"Revoked for user {ODD_ID} in room maths.")
    assert (ODD_ID, "maths") in in_force()
    assert [ODD_ID, "maths"] in [row[:2] for row in console.rows("#in-force-result")]

    console.press("#revocations", f"Lift the revocation for user {ODD_ID} in room maths")
    console.message("#revoke", f"Lifted for user {ODD_ID} in room maths.")
    expect(console("#revocations-list")).to_be_focused()
    assert (ODD_ID, "maths") not in in_force()


def test_with_jwts_a_caller_is_chosen_or_its_jwt_pasted(browser: Browser, service: Service) -> None:
    with opened(browser, [service.url]) as console:
        console.open(service.console)
        assert "key" not in console.page.url

        # a user gets its own token and no other
        console("#caller-name").select_option("USER_JWT")
        make_token(console)
        console.fill_in("#tokens form", user_id="bob")
        console.press("#tokens", "Make the token")
        console.message("#tokens", "403: ")
        console.press("#rooms", "Show the rooms")
        console.message("#all-rooms", "403: Only a service may list rooms.")

        # a service gets both, and sees the rooms
        console("#caller-name").select_option("BACKEND_JWT")
        make_token(console, user_id="bob")
        console.press("#rooms", "Show the rooms")
        expect(console("#rooms-result")).to_contain_text("demo")

        # the choice survives a reload, in this tab alone
        console.open(service.url)
        make_token(console, user_id="carol")

        # a JWT may be pasted
        console("#caller-name").select_option("another caller: paste a JWT")
        console("#caller-jwt").fill(f" {service.user}\n")
        make_token(console, user_id="alice")
        for wrong in ("", "ü", service.user[:-3]):
            console("#caller-jwt").fill(wrong)
            console.press("#tokens", "Make the token")
            console.message("#tokens", "JWT")
    with opened(browser, [service.url]) as console:
        console.open(service.url)
        assert console("#caller-name option").all_inner_texts() == ["another caller: paste a JWT"]
        expect(console("#caller-hint")).to_contain_text("the address that make run printed")


def test_it_says_so_where_the_server_is_gone(console: Console) -> None:
    console.page.route("**/v1/**", lambda route: route.abort())

    console.press("#tokens", "Make the token")

    console.message("#tokens", "There is no answer.")
    console.faults.clear()  # Chromium's own line about the connection


def answers(now: int) -> dict[str, Any]:
    """An answer for each path, with HTML in everything that is shown."""
    inspected = {
        "version": HTML, "cipher": HTML, "app_id": HTML, "user_id": HTML, "room_id": HTML, "privilege": None,
        "issued_at": HTML, "expires_at": 1e300, "expires_in": 60,
    }  # fmt: skip
    finding = {
        "code": HTML,
        "sentence": HTML,
        "what_to_do": HTML,
        "client_error_codes": [HTML],
        "severity": HTML,
    }
    room = {"app_id": HTML, "room_id": HTML, "state": HTML, "revision": 1, "starts_at": now, "ends_at": HTML}
    grant = {"user_id": HTML, "login": True, "publish": True, "stream_ids": [HTML], "starts_at": HTML,
             "ends_at": now, "revision": 1, "source": HTML}  # fmt: skip
    revocation = {"app_id": HTML, "user_id": HTML, "room_id": HTML, "until": HTML, "created_by": HTML}
    return {
        "/local/console": {"app_id": HTML, "needs_jwt": True, "callers": [{"name": HTML, "jwt": "a.b.c"}]},
        "/local/rooms": {"rooms": [room]},
        "/local/events": {"outcome": HTML, "errors": [{"entry": HTML, "field": HTML, "reason": HTML}]},
        "/v1/tokens": {**inspected, "token": HTML, "kit_token": HTML, "stream_ids": [HTML], "refresh_in": 30,
                       "refresh_after": HTML},
        "/v1/tokens/inspect": {"token": inspected, "findings": [finding, {**finding, "severity": "error"}]},
        "/v1/revocations": {**revocation, "revocations": [revocation], "note": HTML, "kick_error": HTML},
        "grants": {"room": room, "grants": [grant], "next": HTML},
    }  # fmt: skip


def test_no_text_of_an_answer_becomes_html(browser: Browser, backend_service: Service) -> None:
    faked = answers(int(time.time()))
    problem = {"detail": HTML, "rule": HTML, "field": HTML, "message": HTML}
    is_refused = False

    def answer(route: Route) -> None:
        path = re.sub(r"^https?://[^/]+|\?.*$", "", route.request.url)
        content = problem if is_refused else faked.get(path, faked["grants"])
        headers = {"Content-Type": "application/json", "Retry-After": "<b>1</b>"}
        route.fulfill(status=403 if is_refused else 200, headers=headers, body=json.dumps(content))

    with opened(browser, [backend_service.url]) as console:
        console.page.route(re.compile(r"/(v1|local)/"), answer)
        console.open(backend_service.url)
        elements = console.page.locator("img, script:not([src]), iframe, b, s")
        expect(console("#about")).to_contain_text(HTML)
        expect(console("#caller-name option").first).to_have_text(HTML)

        # every answer is shown as it came
        console.press("#tokens", "Make the token")
        console.message("#tokens", f"A token for {HTML}")
        assert list(console.fields("#tokens").values()).count(HTML) == 8
        console.press("#tokens", "Inspect this token")
        expect(console("#diagnosis .findings li").first).to_contain_text(HTML)
        console.press("#rooms", "Show the rooms")
        console.message("#all-rooms", "1 room.")
        assert console.rows("#rooms-result")[0].count(HTML) == 3
        console.press("#rooms-result", f"Grants of {HTML}")
        expect(console("#grants-result td").first).to_have_text(HTML)
        console.fill_in("#schedule", room_id=HTML)
        console.press("#rooms", "Schedule")
        console.message("#schedule", f"The event was {HTML}")
        console.fill_in("#revoke", user_id=HTML)
        console.press("#revocations", "Revoke")
        console.message("#revoke", HTML)
        assert console.rows("#in-force-result")[0].count(HTML) == 4
        console.snippet("#revoke", "curl")
        assert elements.count() == 0

        # and so is every refusal
        is_refused = True
        for form, button in [("#tokens", "Make the token"), ("#diagnosis", "Inspect the token"),
                             ("#all-rooms", "Show the rooms"), ("#in-force", "Show the revocations"),
                             ("#grants", "Show the grants"), ("#revoke", "Revoke")]:  # fmt: skip
            console.press(form, button)
            console.message(form, f"403: {HTML} ({HTML})")
        assert elements.count() == 0
