"""The commands that run the API for one's own app, whose ServerSecret is typed unseen."""

import os
import signal
import subprocess
import time
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from local.lambda_runtime import free_port
from tests.documentation.markdown import Block, blocks_of, pages
from tests.e2e.commands import environment
from tests.factories import OTHER_SECRET, ROOT

BLOCKS = [
    block for page in pages() for block in blocks_of(page) if "read -rs ZEGO_SERVER_SECRET" in block.text
]


@pytest.mark.exploration
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_the_secret_is_typed_and_never_shown(block: Block) -> None:
    with NamedTemporaryFile() as output:
        shell = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", block.text],
            cwd=ROOT,
            env=environment(PORT=str(free_port())),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert shell.stdin is not None
        shell.stdin.write(f"{OTHER_SECRET}\n".encode())
        shell.stdin.close()
        written = Path(output.name)
        try:
            while "Serving" not in written.read_text() and shell.poll() is None:
                time.sleep(0.1)
            assert "AppID" in written.read_text()
            assert "1234567890, of the demo app" not in written.read_text()
            assert OTHER_SECRET not in written.read_text()
        finally:
            if shell.poll() is None:
                os.killpg(shell.pid, signal.SIGINT)
            shell.wait(timeout=30)
