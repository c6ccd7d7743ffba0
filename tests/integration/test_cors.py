"""Pages of other origins: behind REST APIs and function URLs the function answers them, else the HTTP API."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.api import create_api
from tests.factories import (
    APP_ID,
    OPEN_SETTINGS,
    SECRET,
    FakeContext,
    as_user,
    token_event,
    without_caller,
)
from token_api.cors import ALLOWED_HEADERS
from token_api.handler import Handler
from zego_service.settings import Settings, SettingsError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

APP, IOS = "https://app.example.com", "capacitor://localhost"
OWN = ("rest_api", "function_url")
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}


class Page:
    """A page of an origin: the headers that it gets, by their names in lower case."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def __call__(
        self, event: Mapping[str, Any], origin: str | None, method: str = "POST", **more: str
    ) -> tuple[int, dict[str, str]]:
        headers = {**event["headers"], **({} if origin is None else {"Origin": origin}), **more}
        context = event["requestContext"]
        if "http" in context:
            context = {**context, "http": {**context["http"], "method": method}}
        asked = {**event, "headers": headers, "requestContext": context}
        if "httpMethod" in event:
            asked |= {"httpMethod": method, "multiValueHeaders": {name: [headers[name]] for name in headers}}
        answer = self._handler(asked, FakeContext())
        lists = answer.get("multiValueHeaders") or {
            name: [value] for name, value in answer["headers"].items()
        }
        assert all(len(values) == 1 for values in lists.values())
        assert len({name.lower() for name in lists}) == len(lists)
        return answer["statusCode"], {name.lower(): values[0] for name, values in lists.items()}


@pytest.fixture
def page(secrets_manager: "SecretsManagerClient") -> Page:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    origins = Settings.from_environment({"ZEGO_CORS_ALLOW_ORIGINS": f"{APP}, {IOS}"}).cors_allow_origins
    return Page(create_api(secrets_manager, replace(OPEN_SETTINGS, cors_allow_origins=origins))._handler)


def shown_to(headers: dict[str, str]) -> str | None:
    return headers.get("access-control-allow-origin")


@pytest.mark.parametrize("trigger", OWN)
@pytest.mark.parametrize("origin", [APP, IOS, "HTTPS://App.Example.COM"])
def test_a_page_of_a_named_origin_may_read_the_answer(page: Page, trigger: str, origin: str) -> None:
    status, headers = page(token_event(trigger), origin)

    assert (status, shown_to(headers)) == (200, origin.lower())
    assert headers["access-control-expose-headers"] == "date,retry-after"
    assert headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize("trigger", OWN)
@pytest.mark.parametrize(
    "origin",
    [None, "", "null", "*", "https://evil.example", f"{APP}/", f"{APP}:444", f"{APP}.evil.example",
     "http://app.example.com", f"{APP} {IOS}"],
)  # fmt: skip
def test_other_pages_are_not_shown_it(page: Page, trigger: str, origin: str | None) -> None:
    for method, more in (("POST", {}), ("OPTIONS", PREFLIGHT)):
        _, headers = page(token_event(trigger), origin, method, **more)

        assert shown_to(headers) is None
        assert headers["vary"] == "Origin"


@pytest.mark.parametrize("trigger", OWN)
def test_a_preflight_needs_no_caller(page: Page, trigger: str) -> None:
    event = without_caller(token_event(trigger)) | {"body": None}

    status, headers = page(event, APP, "OPTIONS", **PREFLIGHT)

    assert (status, shown_to(headers)) == (204, APP)
    assert {"POST", "GET", "DELETE"} <= set(headers["access-control-allow-methods"].split(","))
    allowed = {name.lower() for name in headers["access-control-allow-headers"].split(",")}
    assert set(ALLOWED_HEADERS) <= allowed
    assert {"amz-sdk-request", "x-amz-user-agent", "traceparent", "baggage", "sentry-trace"} <= allowed
    assert headers["access-control-max-age"] == "600"


@pytest.mark.parametrize("trigger", OWN)
def test_a_page_may_read_errors_too(page: Page, trigger: str) -> None:
    event = token_event(trigger)
    long = {"rawPath": "/" + "a" * 11_000} if trigger == "function_url" else {"path": "/" + "a" * 11_000}
    refused = [
        (event | {"body": "{"}, 400),
        (without_caller(event), 401),
        (event | {"body": '{"user_id": "a", "app_id": 7}'}, 404),
        ({**event, "rawPath": "/x", "path": "/x", "resource": "/x"}, 404),
        (event | long, 414),
        ({**event, "headers": {"content-type": "text/plain"}}, 415),
    ]
    if trigger == "rest_api":
        refused.append((as_user(event, {"sub": "bob"}), 403))

    for asked, status in refused:
        found, headers = page(asked, APP)

        assert (found, shown_to(headers), headers["vary"]) == (status, APP, "Origin")
        assert headers["content-type"] == "application/problem+json"


def test_an_http_api_adds_the_headers_itself(page: Page) -> None:
    of_payload_1 = {**token_event("rest_api"), "version": "1.0"}

    for event in (token_event("http_api"), of_payload_1):
        for method, more in (("POST", {}), ("OPTIONS", PREFLIGHT)):
            _, headers = page(event, APP, method, **more)

            assert not [name for name in headers if name.startswith("access-control")]
            assert "vary" not in headers


@pytest.mark.parametrize("trigger", OWN)
def test_without_origins_there_are_no_headers(secrets_manager: "SecretsManagerClient", trigger: str) -> None:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    page = Page(create_api(secrets_manager, OPEN_SETTINGS)._handler)

    status, headers = page(token_event(trigger), APP)
    preflight, answered = page(token_event(trigger), APP, "OPTIONS", **PREFLIGHT)

    assert (status, preflight) == (200, 405)
    assert not [name for name in (*headers, *answered) if name.startswith("access-control") or name == "vary"]


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        (APP, (APP,)),
        (f" {APP} , {IOS},", (APP, IOS)),
        (f"HTTPS://App.Example.Com,{APP}", (APP,)),
        ("https://a.example:443,http://b.example:80", ("https://a.example", "http://b.example")),
        ("http://a.example:443,https://a.example:8443", ("http://a.example:443", "https://a.example:8443")),
        ("ionic://localhost,http://[::1]:5173", ("ionic://localhost", "http://[::1]:5173")),
    ],
)
def test_origins_are_compared_as_browsers_write_them(text: str, origins: tuple[str, ...]) -> None:
    assert Settings.from_environment({"ZEGO_CORS_ALLOW_ORIGINS": text}).cors_allow_origins == origins


@pytest.mark.parametrize(
    "text",
    ["*", "null", "app.example.com", f"{APP}/", f"{APP}/x", "https://*.example.com", f"{APP} {IOS}", "https://",
     "https://a@b.example", f"{APP}?x", f"{APP};{IOS}", "https://ü.example"],
)  # fmt: skip
def test_a_list_that_is_none_stops_the_function(text: str) -> None:
    with pytest.raises(SettingsError, match=r"ZEGO_CORS_ALLOW_ORIGINS must be origins such as https://"):
        Settings.from_environment({"ZEGO_CORS_ALLOW_ORIGINS": text})
