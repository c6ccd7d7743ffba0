"""The backends of examples/backend get tokens of the deployed API, each by a signature of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documentation.markdown import blocks_of
from tests.factories import ROOT
from tests.independent import open_token
from tests.stack.aws import REGION
from tests.stack.deployed import Stack
from tests.stack.signatures import signed_gateway

EXAMPLES = ROOT / "examples" / "backend"
NODE = Path(sys.executable).with_name("node")
PACKAGES = ROOT / ".backend" / "node_modules"
# Any key with the account's access key id is its administrator's.
CREDENTIALS = {"test": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
ROLE = {"AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEXAMPLE=="}
COMMANDS = {
    "curl": ["sh", "get-token.sh"],
    "node": [str(NODE), "get-token.mjs"],
    "python": [sys.executable, "get_token.py"],
}
(README,) = (block.text for block in blocks_of("README.md") if "get_token" in block.text)


class Backends:
    """The examples, beside the packages that they need, in front of an API."""

    def __init__(self, folder: Path, api_url: str) -> None:
        self._api_url = api_url
        self._folder = shutil.copytree(
            EXAMPLES, folder / "backend", ignore=shutil.ignore_patterns("node_modules")
        )
        (self._folder / "node_modules").symlink_to(PACKAGES)

    def run(self, name: str, secret_key: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Ask with this secret key for a token of ``alice`` in the room ``demo``."""
        return self.run_command([*COMMANDS[name], "alice", "demo"], secret_key, **more)

    def run_command(
        self, command: list[str], secret_key: str, **more: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command beside the examples, with this secret key."""
        environment = {
            "PATH": os.environ["PATH"],
            "API_URL": self._api_url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": secret_key,
            **more,
        }
        return subprocess.run(
            command,
            cwd=self._folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def backends(stack: Stack, tmp_path: Path) -> Iterator[Backends]:
    with signed_gateway(stack, CREDENTIALS) as url:
        yield Backends(tmp_path, url)


@pytest.mark.parametrize("more", [{}, ROLE], ids=["user", "role"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_backend_signs_and_gets_a_token(
    backends: Backends, server_secret: str, name: str, more: dict[str, str]
) -> None:
    done = backends.run(name, CREDENTIALS["test"], **more)

    assert done.returncode == 0, done.stderr
    issued = json.loads(done.stdout)
    assert (issued["user_id"], issued["room_id"]) == ("alice", "demo")
    assert open_token(issued["token"], server_secret).content["user_id"] == "alice"


def test_the_code_of_the_readme_gets_a_token(backends: Backends, server_secret: str) -> None:
    done = backends.run_command([sys.executable, "-c", README], CREDENTIALS["test"])

    assert done.returncode == 0, done.stderr
    token, seconds = done.stdout.split()
    assert open_token(token, server_secret).content["user_id"] == "alice"
    assert seconds == "3600"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_backend_with_another_key_is_refused_and_says_so(backends: Backends, name: str) -> None:
    done = backends.run(name, "another-key")

    assert done.returncode != 0
    assert "signature" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
