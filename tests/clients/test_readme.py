"""The JavaScript of README.md, in Chromium with ZEGO's SDK, and of docs/security.md, in Node.js."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.clients.service import Service
from tests.clients.site import EXAMPLES, PACKAGES, site
from tests.documentation.markdown import blocks_of
from zego_service.callers import digest_of

(CODE,) = (block.text for block in blocks_of("README.md") if block.language == "javascript")


@pytest.fixture
def page_of_readme(tmp_path: Path, service: Service) -> Iterator[str]:
    """The address of a page with the code, as printed, and the three names that it takes for granted."""
    given = {"api": service.url, "jwt": service.user, "zegoServer": "wss://zego.invalid/ws"}
    names = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
    (tmp_path / "main.js").write_text(names + CODE, encoding="utf-8")
    shutil.copy(EXAMPLES / "web" / "zego-token-client.js", tmp_path)
    subprocess.run(
        [PACKAGES / ".bin" / "esbuild", tmp_path / "main.js", "--bundle", "--format=esm", "--log-level=warning",
         f"--outfile={tmp_path / 'bundle.js'}"],
        env={**os.environ, "NODE_PATH": str(PACKAGES)}, check=True,
    )  # fmt: skip
    (tmp_path / "index.html").write_text('<!doctype html><script type="module" src="bundle.js"></script>')
    with site(tmp_path) as origin:
        yield f"{origin}/index.html"


def test_the_code_of_the_readme_logs_in_as_far_as_zegos_network(page: Page, page_of_readme: str) -> None:
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))

    with page.expect_websocket(lambda socket: socket.url.endswith("/accesshub"), timeout=20_000):
        page.goto(page_of_readme)

    assert failures == []


def test_the_digest_of_a_user_is_the_services() -> None:
    (code,) = (block.text for block in blocks_of("docs/security.md") if block.language == "javascript")
    claim = "auth0|507f1f77bcf86cd799439011"
    program = f"const claim = {json.dumps(claim)};\n{code}\nconsole.log(userId);"

    done = subprocess.run(
        ["node", "--input-type=module", "-e", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == f"{digest_of(claim)}\n"
