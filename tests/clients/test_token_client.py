"""The module of examples/web that apps copy, by Node's own test runner."""

import subprocess
import sys
from pathlib import Path

from tests.factories import ROOT

TESTS = Path(__file__).with_name("token_client.test.mjs")
MODULE = ROOT / "examples" / "web" / "zego-token-client.js"
MOST_LINES = 60


def test_it_renews_as_it_says() -> None:
    node = Path(sys.executable).with_name("node")
    done = subprocess.run(
        [str(node), "--test", str(TESTS)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_short_and_needs_nothing() -> None:
    text = MODULE.read_text(encoding="utf-8")

    assert len(text.splitlines()) < MOST_LINES
    assert "import " not in text
