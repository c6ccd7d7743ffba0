"""`make release-notes TAG=v1.2.3`: compares a tag with the version, and prints its part of the changelog."""

import os
import re
import sys

from local.arguments import shown
from local.build import ROOT
from zego_token import __version__

CHANGELOG = ROOT / "CHANGELOG.md"


def main() -> None:
    tag = os.environ.get("TAG", "")
    if tag != f"v{__version__}":
        sys.exit(f"TAG={shown(tag)} must be v{__version__}, the version in zego_token/__init__.py.")
    print(notes(CHANGELOG.read_text(encoding="utf-8"), __version__))


def notes(changelog: str, version: str) -> str:
    """The text below a version's heading. Exits where the version has no dated heading."""
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)"
    found = re.search(heading, changelog, re.MULTILINE | re.DOTALL)
    if found is None:
        sys.exit(f"CHANGELOG.md has no heading with a date for {version}: ## [{version}] - 2026-11-25")
    return found[1].strip()


if __name__ == "__main__":
    main()
