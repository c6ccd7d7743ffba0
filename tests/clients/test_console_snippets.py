"""What the console copies does the same when it is run elsewhere."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser

from local.aws import DEMO_SECRET
from tests.clients.console import Console, opened
from tests.factories import ROOT
from tests.independent import open_token

if TYPE_CHECKING:
    from tests.clients.service import Service

# What a shell would take for something else, were it not quoted.
ODD_ID = "-o'b$(id)`x`!&;<y"

Run = Callable[[str, str], str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command of a shell, or JavaScript, and returns what it writes."""
    command = tmp_path / "zego-token"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m zego_cli "$@"\n')
    command.chmod(0o755)
    folders = f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin"
    packages = ":".join(str(ROOT / folder) for folder in ("cli", "layers/zego_token"))

    def running(kind: str, text: str) -> str:
        program = ["node", "--input-type=module", "-e"] if kind == "JavaScript" else ["sh", "-c"]
        done = subprocess.run(
            [*program, text], env={"PATH": folders, "PYTHONPATH": packages}, cwd=tmp_path,
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr  # 1: something is wrong with a token
        return done.stdout

    return running


@pytest.fixture(params=["backend_service", "service"])
def console(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Console]:
    """The console without JWTs and with the backend's."""
    service: Service = request.getfixturevalue(request.param)
    with opened(browser, [service.url]) as console:
        console.open(service.url)
        if service.backend:
            console("#caller-jwt").fill(service.backend)
        yield console


def user_of(token: str) -> Any:
    return open_token(token, DEMO_SECRET).content["user_id"]


def test_a_request_is_copied_in_three_forms(console: Console, run: Run) -> None:
    console.fill_in("#tokens form", user_id=ODD_ID, room_id="maths", effective_time_in_seconds="600")

    # a token, before the form was ever sent
    curl = json.loads(run("curl", console.snippet("#tokens form", "curl")))
    javascript = run("JavaScript", console.snippet("#tokens form", "JavaScript"))
    token = run("command line", console.snippet("#tokens form", "command line")).strip()
    assert user_of(curl["token"]) == ODD_ID
    assert javascript.startswith("200 {")
    assert "room_id: 'maths'" in javascript
    assert user_of(token) == ODD_ID
    assert (
        open_token(token, DEMO_SECRET).content["expire"] - open_token(token, DEMO_SECRET).content["ctime"]
        == 600
    )

    # its diagnosis
    console.fill_in("#diagnosis form", token=token, user_id="bob")
    assert (
        json.loads(run("curl", console.snippet("#diagnosis form", "curl")))["findings"][0]["code"]
        == "other-user"
    )
    assert "other-user" in run("command line", console.snippet("#diagnosis form", "command line"))

    # a kit token
    console.fill_in("#tokens form", user_id="alice", user_name="Alice O'B")
    console("#t-product").select_option("uikit")
    kit = run("command line", console.snippet("#tokens form", "command line"))
    assert "#" in kit

    # a room, its grants, and what was sent last
    console.fill_in("#schedule", room_id="copied", publishers=ODD_ID)
    event = run("curl", console.snippet("#schedule", "curl"))
    assert json.loads(event) == {"outcome": "applied", "provisioned": 1, "rejected": 0}
    console.fill_in("#grants", room_id="copied")
    grants = json.loads(run("curl", console.snippet("#grants", "curl")))
    assert [grant["user_id"] for grant in grants["grants"]] == [ODD_ID]
    console.fill_in("#revoke", user_id=ODD_ID)
    console.press("#revocations", "Revoke")
    console.press("#revocations", f"Lift the revocation for user {ODD_ID}")
    console.message("#revoke", "Lifted")
    assert "DELETE" in console.snippet("#revoke", "curl")
    assert json.loads(run("curl", console.snippet("#revoke", "curl"))) == {"lifted": False}
