"""Builds the artifact of `sam build` for this machine's architecture and Python, if it has changed."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / ".aws-sam" / "local"
_SOURCES = ("functions", "layers")


def code_sha256() -> str:
    """A hash over the names and contents of the files in functions/ and layers/, in hexadecimal."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in _SOURCES for path in (ROOT / folder).rglob("*")):
        relative = path.relative_to(ROOT)
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in relative.parts):
            content = path.read_bytes()
            digest.update(f"{relative.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def build() -> Path:
    """The folder of the built artifact, built anew where sources, template or Python differ.

    Where another process builds it already, this one waits.
    """
    BUILD.parent.mkdir(exist_ok=True)
    with (BUILD.parent / "local.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _build()


def _build() -> Path:
    template = hashlib.sha256((ROOT / "template.yaml").read_bytes()).hexdigest()
    state = f"{code_sha256()} {template} {sys.version}"
    stamp = BUILD / "state"
    if not stamp.is_file() or stamp.read_text() != state:
        stamp.unlink(missing_ok=True)
        command = [str(Path(sys.executable).with_name("sam")), "build", "--build-dir", str(BUILD)]
        environment = {**os.environ, "BUILD_PLATFORM": "host", "PYTHON": sys.executable}
        for name in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES"):  # `make PYTHON=…` would win over ours
            environment.pop(name, None)
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"sam build failed:\n{done.stdout}{done.stderr}")
        stamp.write_text(state)
    return BUILD


if __name__ == "__main__":
    build()
