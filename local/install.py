"""Installs locked requirements and shows progress. Needs the standard library only."""

import argparse
import re
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile

from local.terminal import interruptible, step

_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
_INSTALL = ("install", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-compile")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--target", type=Path, help="another folder than this Python's own")
    parser.add_argument("--compile", action="store_true", help="compile all that is installed, too")
    arguments = parser.parse_args()
    packages = Path(arguments.target or sysconfig.get_path("purelib"))
    if find_spec("pip") is None:
        run("pip", [sys.executable, "-m", "ensurepip"])
    target = ["--target", str(arguments.target)] if arguments.target else []
    name = f"{count(arguments.requirements)} packages of {arguments.requirements}"
    run(name, [*_PIP, *_INSTALL, *target, "--requirement", str(arguments.requirements)])
    if arguments.compile:
        # Some packages contain templates that do not compile. They are not modules.
        compiler = [sys.executable, "-m", "compileall", "-qq", "-j", "0", str(packages)]
        run("compiling them", compiler, may_fail=True)


def count(requirements: Path) -> int:
    """How many packages are pinned."""
    return len(re.findall(r"^[\w.-]+==", requirements.read_text(encoding="utf-8"), re.MULTILINE))


def run(name: str, command: list[str], *, may_fail: bool = False) -> None:
    """Run a command and show its progress. If it fails, print what it wrote and exit."""
    written: list[str] = []
    with TemporaryFile("w+") as errors:
        with step(name) as working:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
            for line in process.stdout or ():
                written.append(line)
                working.doing = doing(line) or working.doing
            failed = process.wait() != 0
        if failed and not may_fail:
            errors.seek(0)
            sys.exit("".join([*written, errors.read(), f"{name}: could not be installed"]))


def doing(line: str) -> str:
    """What a line of pip's output begins; empty for other lines."""
    found = re.match(r"Collecting (\S+)==|(Installing) collected", line)
    if not found:
        return ""
    return f"getting {found[1]}" if found[1] else "unpacking"


if __name__ == "__main__":
    interruptible(main)
