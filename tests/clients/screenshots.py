"""Takes the pictures of the console that the docs show: python -m tests.clients.screenshots."""

from playwright.sync_api import sync_playwright

from tests import debian
from tests.clients.console import Console, opened
from tests.e2e.commands import make_run
from tests.factories import ROOT

IMAGES = ROOT / "docs" / "images"
_SIZE = {"width": 1080, "height": 900}


def main() -> None:
    """Write one picture for each theme."""
    with make_run() as running, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=debian.path("chromium"), args=["--no-sandbox"])
        url = f"http://127.0.0.1:{running.port}"
        for theme in ("light", "dark"):
            with opened(chromium, [url], color_scheme=theme, viewport=_SIZE) as console:
                show(console.open(url))
                console.page.screenshot(path=IMAGES / f"console-{theme}.png")
        chromium.close()


def show(console: Console) -> None:
    """Make a token, and inspect it as another user's."""
    console.press("#tokens", "Make the token")
    console.press("#tokens", "Inspect this token")
    console.message("#diagnosis", "Nothing is wrong")
    console.fill_in("#diagnosis form", user_id="bob")
    console.press("#diagnosis", "Inspect the token")
    console.message("#diagnosis", "One thing is wrong")
    console.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


if __name__ == "__main__":
    main()
