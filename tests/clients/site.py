"""The pages of examples/, built with ZEGO's SDKs and served from an origin of their own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.exceptions import NotFound
from werkzeug.middleware.shared_data import SharedDataMiddleware

from tests.factories import ROOT
from tests.loopback import served

EXAMPLES = ROOT / "examples"
PACKAGES = ROOT / ".clients" / "node_modules"
PAGES = {
    "web": EXAMPLES / "web",
    "uikit": EXAMPLES / "uikit",
    "zim": EXAMPLES / "zim",
    "sdk": Path(__file__).with_name("sdk"),  # the SDKs as globals
}


def built(folder: Path) -> Path:
    """The pages, bundled into a folder."""
    for name, source in PAGES.items():
        subprocess.run(
            [PACKAGES / ".bin" / "esbuild", source / "main.js", "--bundle", "--log-level=warning",
             f"--outdir={folder / name / 'dist'}"],
            env={**os.environ, "NODE_PATH": str(PACKAGES)}, check=True,
        )  # fmt: skip
        shutil.copy(source / "index.html", folder / name)
    return folder


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """The origin that serves a folder on the loopback."""
    with served(SharedDataMiddleware(NotFound(), {"/": str(folder)})) as origin:
        yield origin
