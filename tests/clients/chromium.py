"""Debian's Chromium: found, or installed where this user may install packages."""

import os
import shutil
import subprocess
import sys

_INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium")


def main() -> None:
    """Exit with what to do where there is no Chromium and it cannot be installed."""
    if path():
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        sys.exit(f"make test-clients needs Chromium. Install it: sudo {' '.join(_INSTALL)}")
    sys.stderr.write("Installing Chromium ...\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("apt-get", "update"), _INSTALL):
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"Chromium cannot be installed. {' '.join(command)} failed:\n{done.stdout[-2000:]}")


def path() -> str | None:
    """Where Chromium is."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


if __name__ == "__main__":
    main()
