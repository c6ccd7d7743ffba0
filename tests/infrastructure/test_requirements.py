"""The locked requirements."""

import re
from pathlib import Path

import pytest

from tests.factories import ROOT

IN_ONE_VENV = [
    *(
        ROOT / folder / "requirements.txt"
        for folder in ("benchmarks", "layers/zego_token", "local", "tests/mutation")
    ),
    *sorted((ROOT / "requirements").glob("*.txt")),
]


def pins(path: Path) -> list[str]:
    return re.findall(r"^[a-z0-9].*$", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", IN_ONE_VENV, ids=lambda path: str(path.relative_to(ROOT)))
def test_requirements_are_pinned_with_hashes_and_name_no_index(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert pins(path)
    assert all(re.match(r"[a-z0-9._\[\],-]+==\S+ .*\\$", pin) for pin in pins(path))
    assert text.count("--hash=sha256:") >= len(pins(path))
    assert "://" not in text
    assert "--index" not in text


def test_a_package_has_the_same_versions_in_all_of_them() -> None:
    versions: dict[str, set[frozenset[str]]] = {}
    for path in IN_ONE_VENV:
        of_file: dict[str, set[str]] = {}
        for pin in pins(path):
            name, version = pin.split(" ")[0].split("==")
            of_file.setdefault(name.partition("[")[0], set()).add(version)
        for name, found in of_file.items():
            versions.setdefault(name, set()).add(frozenset(found))

    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_make_lock_covers_all_of_them() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (locked,) = re.findall(r"^LOCKED := ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)

    for path in IN_ONE_VENV:
        assert path.with_suffix(".in").is_file()
        assert (
            path.stem if path.parent.name == "requirements" else str(path.parent.relative_to(ROOT))
        ) in locked
