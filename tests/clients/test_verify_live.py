"""The page of `make verify-live` in Chromium, up to ZEGO's network, which it cannot reach from here."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from local.run import listen
from local.verification import page_server
from local.verification.cases import CASES, Case, Seen, judge
from local.verification.page_server import PageServer
from local.verification.visits import Visits
from local.verify_live import built_page
from tests.factories import APP_ID, SECRET
from zego_cli.service import Service
from zego_token import generate_token04, room_payload

PATIENCE = 1  # seconds
_STREAM = """async (appId) => {
  const engine = new ZegoExpressEngine(appId, `wss://webliveroom${appId}-api.zegocloud.com/ws`);
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  canvas.getContext("2d").fillRect(0, 0, 320, 180);
  const stream = await engine.createZegoStream({ custom: { video: { source: canvas.captureStream(5) } } });
  return stream.videoCaptureStream?.getVideoTracks().length ?? Object.keys(stream).join();
}"""


class _Service(Service):
    """A service that gives every token that it is asked for."""

    def post(self, _path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        payload = room_payload(body["room_id"], publish=body["privilege"]["publish"])
        seconds = body["effective_time_in_seconds"]
        return {"cipher": "gcm", "token": generate_token04(APP_ID, body["user_id"], SECRET, seconds, payload)}


@dataclass
class Running:
    url: str
    server: PageServer
    seen: dict[str, Seen] = field(default_factory=dict)


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The page over short cases."""
    short = tuple(replace(case, patience=PATIENCE) for case in CASES)
    monkeypatch.setattr(page_server, "CASES", short)
    monkeypatch.setattr(page_server, "case_of", {case.name: case for case in short}.get)
    seen: dict[str, Seen] = {}

    def saw(case: Case, what: Seen) -> None:
        seen[case.name] = what

    server = PageServer(built_page(tmp_path), Visits(_Service("http://127.0.0.1"), APP_ID, SECRET), saw)
    listener = listen(0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/{server.key}/"
    thread = threading.Thread(target=server.serve, args=(listener,))
    thread.start()
    yield Running(url, server, seen)
    server.done.set()
    thread.join()


def test_every_room_is_tried_and_what_was_seen_is_reported(page: Page, running: Running) -> None:
    # given
    errors: list[str] = []
    sockets: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(running.url)

    # when
    page.click("#start")
    expect(page.locator("#end")).to_have_text(
        "Done. The terminal names the file with the results.", timeout=1000 * (PATIENCE + 3) * len(CASES)
    )

    # then: the SDK took each token and went to its network, where nobody answers
    assert running.server.done.is_set()
    assert {*running.seen} == {case.name for case in CASES}
    assert {judge(case, running.seen[case.name])[0] for case in CASES} == {"no answer"}
    assert len([address for address in sockets if address.endswith("/accesshub")]) >= len(CASES)
    assert errors == []


def test_a_drawn_picture_is_a_stream_for_the_sdk(page: Page, origin: str) -> None:
    page.goto(f"{origin}/sdk/index.html")

    assert page.evaluate(_STREAM, APP_ID) == 1
