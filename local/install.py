"""Installs locked requirements and shows progress. Needs the standard library only."""

import argparse
import re
import subprocess
import sys
import sysconfig
import threading
import time
from importlib.util import find_spec
from pathlib import Path

_SHOW_SECONDS = 2.0
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
_INSTALL = ("install", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-compile")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--target", type=Path, help="another folder than this Python's own")
    parser.add_argument("--compile", action="store_true", help="compile all that is installed, too")
    arguments = parser.parse_args()
    packages = Path(arguments.target or sysconfig.get_path("purelib"))
    step("pip", [sys.executable, "-m", "ensurepip"], needed=find_spec("pip") is None)
    target = ["--target", str(arguments.target)] if arguments.target else []
    name = f"{arguments.requirements}: {count(arguments.requirements)} packages"
    step(name, [*_PIP, *_INSTALL, *target, "--requirement", str(arguments.requirements)])
    # Some packages contain templates that do not compile. They are not modules.
    compiler = [sys.executable, "-m", "compileall", "-qq", "-j", "0", str(packages)]
    step("compiling", compiler, needed=arguments.compile, may_fail=True)


def count(requirements: Path) -> int:
    """How many packages are pinned."""
    return len(re.findall(r"^[\w.-]+==", requirements.read_text(encoding="utf-8"), re.MULTILINE))


def step(name: str, command: list[str], *, needed: bool = True, may_fail: bool = False) -> None:
    """Run a command and print its progress every few seconds. Exits if it fails."""
    if not needed:
        return
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    progress = _Progress(name)
    watcher = threading.Thread(target=progress.show_until_done, daemon=True)
    watcher.start()
    for line in process.stdout or ():
        progress.read(line)
    failed = process.wait() != 0
    progress.done.set()
    watcher.join()
    if failed and not may_fail:
        sys.exit(f"{name}: could not be installed")


class _Progress:
    """Print pip's progress every two seconds, in at most 79 columns."""

    def __init__(self, name: str) -> None:
        self.done = threading.Event()
        self._name = name
        self._doing = ""
        self._began = time.monotonic()

    def read(self, line: str) -> None:
        found = re.match(r"Collecting (\S+)==|(Installing) collected", line)
        if found:
            self._doing = f", getting {found[1]}" if found[1] else ", unpacking"

    def show_until_done(self) -> None:
        while not self.done.wait(_SHOW_SECONDS):
            seconds = round(time.monotonic() - self._began)
            print(f"  {self._name}{self._doing} ({seconds} s)"[:79], flush=True)


if __name__ == "__main__":
    main()
