"""`sam build` gives the same bytes from the same sources, in any folder and for any user."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.artifact import artifact_sha256
from tests.factories import ROOT

SOURCES = ("functions", "layers", "statemachines", "template.yaml", "LICENSE", "README.md")
NOTES = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}


def built(root: Path, umask: int) -> Path:
    """What `sam build` builds from a copy of the sources."""
    root.mkdir()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    subprocess.run(
        [Path(sys.executable).with_name("sam"), "build"],
        cwd=root,
        env={**environment, "PYTHON": sys.executable, "SAM_CLI_TELEMETRY": "0"},
        umask=umask,
        capture_output=True,
        check=True,
    )
    return root / ".aws-sam" / "build"


@pytest.mark.exploration
@pytest.mark.exploration
def test_two_builds_have_the_same_hash(tmp_path: Path) -> None:
    one = built(tmp_path / "one", umask=0o022)
    other = built(tmp_path / "another-folder", umask=0o077)

    files = {path.relative_to(one) for path in one.rglob("*") if path.is_file()}
    assert {Path("template.yaml"), Path("ZegoTokenLayer/python/zego_token/__init__.py")} <= files
    assert artifact_sha256(one) == artifact_sha256(other)
    modes = {oct(path.stat().st_mode & 0o777) for path in other.glob("*/**/*") if path.is_file()}
    assert modes <= {"0o644", "0o755"}  # whatever the umask was
    # It names neither the folder nor how pip was called.
    assert [path for path in files if str(tmp_path).encode() in (one / path).read_bytes()] == []
    assert [path for path in files if path.name in NOTES] == []


def test_the_hash_covers_names_executable_bits_and_contents(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"1")
    hashes = [artifact_sha256(tmp_path)]
    file.write_bytes(b"2")
    hashes.append(artifact_sha256(tmp_path))
    file.chmod(0o755)
    hashes.append(artifact_sha256(tmp_path))
    file.rename(tmp_path / "renamed")
    hashes.append(artifact_sha256(tmp_path))

    assert len({*hashes}) == 4
