"""The console of `make run`, as a person at the browser has it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Request, expect

_NOTE_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`violation of ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
"""
expect.set_options(timeout=20_000)  # on a busy machine
_REFUSED = "Failed to load resource: the server responded with a status of"  # Chromium's line for an answer


class Console:
    """The page in a browser profile of its own, and what goes wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        page.on("request", self._note_request)
        page.add_init_script(_NOTE_VIOLATIONS)

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_REFUSED):
            self.faults.append(message.text)

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith("data:"):
            self.requests.append(request.url)

    def open(self, address: str) -> "Console":
        """Open the console, and wait until it knows what is served."""
        self.page.goto(address)
        expect(self("#about")).to_contain_text("AppID")
        return self

    def __call__(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def fill_in(self, form: str, **values: str) -> None:
        for name, value in values.items():
            self(f"{form} [name={name}]").fill(value)

    def press(self, form: str, button: str) -> None:
        self(form).get_by_role("button", name=button, exact=True).click()

    def message(self, form: str, text: str) -> Locator:
        """Wait for what the form says of its request."""
        message = self(f"{form} .message")
        expect(message).to_contain_text(text)
        return message

    def fields(self, section: str) -> dict[str, str]:
        """The names and values that a section shows."""
        names, values = self(f"{section} dt").all_inner_texts(), self(f"{section} dd").all_inner_texts()
        return dict(zip(names, values, strict=True))

    def rows(self, result: str) -> list[list[str]]:
        """The texts of a table's cells."""
        return [row.locator("td").all_inner_texts() for row in self(f"{result} tbody tr").all()]

    def snippet(self, form: str, kind: str) -> str:
        """What a button of the form copies."""
        self.press(form, f"Copy as {kind}")
        expect(self(f"{form} .copy [role=status]")).to_have_text(f"Copied as {kind}.")
        return str(self.page.evaluate("navigator.clipboard.readText()"))


@contextmanager
def opened(browser: Browser, origins: Sequence[str], **options: Any) -> Iterator[Console]:
    """A page that may use the clipboard. Fails where anything went wrong in it, or left these origins."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], **options)
    context.set_default_timeout(20_000)
    console = Console(context.new_page())
    try:
        yield console
        assert console.faults == []
        assert [url for url in console.requests if not url.startswith(tuple(origins))] == []
    finally:
        context.close()
