"""`sam build`, quiet unless it fails."""

import subprocess
import sys
from pathlib import Path

from local.build import ROOT
from local.deployment.parameters import DeployError

NOTICE = "Notice: "


def build() -> None:
    """Build what is deployed; raises :class:`DeployError` with sam's output where that fails."""
    sam = str(Path(sys.executable).with_name("sam"))
    done = subprocess.run([sam, "build"], cwd=ROOT, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    if done.returncode:
        raise DeployError(f"sam build failed:\n{output.strip()}")
    for line in sorted({line for line in output.splitlines() if line.startswith(NOTICE)}):
        print(f"  {line}")
