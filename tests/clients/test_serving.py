"""The commands of the docs serve the pages of examples/."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from local.lambda_runtime import free_port
from tests.clients.site import EXAMPLES, PACKAGES


@pytest.mark.parametrize("name", ["web", "uikit", "zim"])
def test_the_command_of_the_docs_serves_the_page(tmp_path: Path, name: str) -> None:
    # given the examples with their packages, at another port than the one that is printed
    port = free_port()
    package = json.loads((EXAMPLES / "package.json").read_text())
    command = package["scripts"][name].replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    assert command != package["scripts"][name]
    folder = shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("node_modules"))
    (folder / "node_modules").symlink_to(PACKAGES)
    environment = {**os.environ, "PATH": f"{PACKAGES / '.bin'}{os.pathsep}{os.environ['PATH']}"}

    # when the script runs
    process = subprocess.Popen(command.split(), cwd=folder, env=environment, stdin=subprocess.PIPE)

    # then it serves the page and its bundle
    try:
        assert "<title>" in fetched(f"http://127.0.0.1:{port}/")
        assert "zego" in fetched(f"http://127.0.0.1:{port}/dist/main.js").lower()
    finally:
        process.terminate()
        process.communicate(timeout=20)


def fetched(url: str, seconds: float = 60) -> str:
    """What is served there, once it is."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urlopen(url, timeout=seconds) as answer:
                return str(answer.read().decode())
        except URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
