"""Prints the hash of what `make build` built. The same sources give the same hash in any folder."""

import hashlib
from pathlib import Path

from local.build import ROOT

BUILT = ROOT / ".aws-sam" / "build"


def artifact_sha256(folder: Path) -> str:
    """A hash over the names, executable bits and contents of all files in a folder, in hexadecimal."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if path.is_file():
            is_program, content = bool(path.stat().st_mode & 0o100), path.read_bytes()
            name = path.relative_to(folder).as_posix()
            digest.update(f"{name}\0{is_program}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


if __name__ == "__main__":
    print(f"SHA-256 of {BUILT.relative_to(ROOT)}: {artifact_sha256(BUILT)}")
