"""Programs of Debian that some tests need: found, or installed where this user may install packages."""

import os
import shutil
import subprocess
import sys

# By package: what its program is called, in other distributions too.
_PROGRAMS = {"chromium": ("chromium", "chromium-browser"), "curl": ("curl",)}
_INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends")


def main(packages: list[str]) -> None:
    """Exit with what to do where a program is missing and cannot be installed."""
    absent = [package for package in packages if path(package) is None]
    if not absent:
        return
    names, install = " and ".join(absent), (*_INSTALL, *absent)
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.exit(f"These tests need {names}. Install: sudo {' '.join(install)}")
    sys.stderr.write(f"Installing {names} ...\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("apt-get", "update"), install):
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"Cannot install {names}: {' '.join(command)} failed:\n{done.stdout[-2000:]}")


def path(package: str) -> str | None:
    """Where the program of a package is."""
    return next(filter(None, map(shutil.which, _PROGRAMS[package])), None)


if __name__ == "__main__":
    main(sys.argv[1:])
