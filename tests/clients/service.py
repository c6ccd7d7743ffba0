"""The API that the pages use, and what they see of it."""

import json
import re
import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.commands import Running
from tests.factories import ROOT


@dataclass(frozen=True)
class Service:
    """A running API, with the JWTs of a backend and of the user ``alice``."""

    running: Running
    backend: str
    user: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.running.port}"

    @property
    def console(self) -> str:
        """The address of the console, with the key that gives the JWTs."""
        (address,) = re.findall(r"http://\S+/#key=\S+", self.running.output)
        return str(address)

    def schedule(self, room_id: str, *, revision: int, seconds: int) -> None:
        """Let ``alice`` publish in a room from now on, for so many seconds."""
        event = json.loads((ROOT / "events" / "room_scheduled.json").read_text())
        event["detail"] |= {
            "room_id": room_id,
            "revision": revision,
            "starts_at": int(time.time()) - 60,
            "ends_at": int(time.time()) + seconds,
            "participants": [{"user_id": "alice", "publish": True}],
        }
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.backend}"}
        answer = self.running.request("POST", "/local/events", json.dumps(event).encode(), headers)
        assert answer == (200, {"outcome": "applied", "provisioned": 1, "rejected": 0}), answer

    def token(self, room_id: str, **fields: Any) -> dict[str, Any]:
        """What the API answers to ``alice``."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.user}"}
        path = f"/v1/rooms/{room_id}/tokens"
        status, answer = self.running.request("POST", path, json.dumps(fields).encode(), headers)
        assert status == 200, answer
        return answer

    def fill_in(self, page: Page, url: str, **values: str) -> None:
        """Open a page of the examples and submit its form."""
        page.goto(url)
        page.fill("[name=api]", self.url)
        for name, value in values.items():
            page.fill(f"[name={name}]", value)
        page.click("#join button")


def log_of(page: Page) -> list[str]:
    """The lines that the page has written."""
    return list(page.locator("#log li").all_inner_texts())


def await_line(page: Page, beginning: str, seconds: float = 20) -> None:
    """Wait until the page has written a line that begins so."""
    line = page.locator("#log li", has_text=beginning).first
    expect(line).to_be_attached(timeout=seconds * 1000)
