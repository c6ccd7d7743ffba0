"""Runs `sam build` for this machine or for its containers, if anything changed."""

import fcntl
import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path

from local.terminal import step

ROOT = Path(__file__).parents[1]
BUILD = ROOT / ".aws-sam" / "local"
HOST = "host"  # this machine's processor, system and Python
ARM64 = "arm64"
X86_64 = "x86_64"
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


def container_platform() -> str:
    """The processor of the containers that run on this machine without emulation."""
    return ARM64 if platform.machine().lower() in ("arm64", "aarch64") else X86_64


def build(target: str = HOST) -> Path:
    """The folder of the built artifact, built anew where sources, template or Python differ.

    ``target`` is :data:`HOST`, or the processor of a container with AWS's Python. Its template names the
    processor that the artifact is for. Where another process builds already, this one waits.
    """
    BUILD.parent.mkdir(exist_ok=True)
    with (BUILD.parent / "local.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _build(target, BUILD if target == HOST else BUILD.with_name(target))


def _build(target: str, folder: Path) -> Path:
    template = hashlib.sha256((ROOT / "template.yaml").read_bytes()).hexdigest()
    state = f"{code_sha256()} {template} {sys.version}"
    stamp = folder / "state"
    if not stamp.is_file() or stamp.read_text() != state:
        stamp.unlink(missing_ok=True)
        command = [str(Path(sys.executable).with_name("sam")), "build", "--build-dir", str(folder)]
        environment = {**os.environ, "BUILD_PLATFORM": target, "PYTHON": sys.executable}
        for name in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES"):  # `make PYTHON=…` would override ours
            environment.pop(name, None)
        with step(f"Building the functions{'' if target == HOST else f' for {target}'}"):
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
            )
        if done.returncode:
            sys.exit(f"sam build failed:\n{done.stdout}{done.stderr}")
        if target != HOST:
            built = folder / "template.yaml"
            built.write_text(built.read_text().replace(ARM64, target))
        stamp.write_text(state)
    return folder


if __name__ == "__main__":
    build()
