"""The tag of a release, and its notes."""

import subprocess
import sys

import pytest

from local.release import main, notes
from tests.factories import ROOT
from zego_token import __version__

CHANGELOG = """# Changelog

## [Unreleased]

## [1.1.0] - 2027-01-02

### Fixed

- One thing.

## [1.0.0] - 2026-11-25

- The first.
"""


@pytest.mark.parametrize(
    ("version", "text"), [("1.1.0", "### Fixed\n\n- One thing."), ("1.0.0", "- The first.")]
)
def test_the_notes_are_the_versions_part_of_the_changelog(version: str, text: str) -> None:
    assert notes(CHANGELOG, version) == text


@pytest.mark.parametrize("version", ["1.2.0", "1.0", "Unreleased", "1.0.0-rc1"])
def test_a_version_without_a_dated_heading_has_no_notes(version: str) -> None:
    with pytest.raises(SystemExit, match="no heading with a date"):
        notes(CHANGELOG, version)


@pytest.mark.parametrize("tag", ["", "1.0.0", "v0.9.9", f"v{__version__}-rc1", f"v{__version__}\n"])
def test_another_tag_than_the_version_is_refused(monkeypatch: pytest.MonkeyPatch, tag: str) -> None:
    monkeypatch.setenv("TAG", tag)

    with pytest.raises(SystemExit, match=f"must be v{__version__}"):
        main()


def test_it_needs_nothing_but_python() -> None:
    paths = f"{ROOT / 'layers/zego_token'}:{ROOT}"
    printed = subprocess.run(
        [sys.executable, "-S", "-m", "local.release"],
        env={"PYTHONPATH": paths, "TAG": f"v{__version__}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed == f"{notes((ROOT / 'CHANGELOG.md').read_text(encoding='utf-8'), __version__)}\n"
