"""The examples' pages in Chromium, over `make run`. No request leaves the machine."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests import debian
from tests.clients.service import Service
from tests.clients.site import built, site
from tests.e2e.commands import make_run

# Names resolve to nothing but this machine.
_RULES = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
_OPTIONS = ["--no-sandbox", "--disable-background-networking", f"--host-resolver-rules={_RULES}"]


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of the pages, which is not the API's."""
    with site(built(tmp_path_factory.mktemp("pages"))) as url:
        yield url


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """The API, which requires a JWT."""
    with make_run("JWT=1") as running:
        yield Service(running, backend=running.jwt("BACKEND_JWT"), user=running.jwt("USER_JWT"))


@pytest.fixture(scope="session")
def backend_service() -> Iterator[Service]:
    """The API that treats every caller as the backend."""
    with make_run() as running:
        yield Service(running, backend="", user="")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=debian.path("chromium"), args=_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser profile of its own."""
    context = browser.new_context()
    yield context.new_page()
    context.close()
