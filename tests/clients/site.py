"""The pages of examples/, built with ZEGO's SDKs and served from an origin of their own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.factories import ROOT

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


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """No line for each request."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The origin that serves a folder on the loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
