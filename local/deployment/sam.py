"""The AWS SAM CLI: builds the artifact and creates the change set."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.build import ROOT
from local.deployment.parameters import DeployError

NOTICE = "Notice: "


def run_sam(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run sam, and return what it printed."""
    sam = str(Path(sys.executable).with_name("sam"))
    return subprocess.run([sam, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def build() -> list[str]:
    """Build the artifact, and return what the build has noticed.

    Raises :class:`DeployError` with sam's output if that fails.
    """
    done = run_sam(["build"])
    output = done.stdout + done.stderr
    if done.returncode:
        raise DeployError(f"sam build failed:\n{output.strip()}")
    return sorted({line for line in output.splitlines() if line.startswith(NOTICE)})


def create_change_set(configuration: str, stack: str, region: str, values: Mapping[str, str]) -> str | None:
    """Upload what was built and create a change set.

    Returns its ARN, or None where there is nothing to change. Raises :class:`DeployError` with sam's output.
    """
    with TemporaryDirectory() as folder:
        overrides = Path(folder) / "parameters.yaml"  # so neither a shell nor sam parses the values
        overrides.write_text(as_overrides(values), encoding="utf-8")
        done = run_sam(
            [
                *("deploy", "--config-env", configuration, "--stack-name", stack, "--region", region),
                *("--output", "json", "--parameter-overrides", f"file://{overrides}"),
                *("--no-confirm-changeset", "--no-execute-changeset", "--no-fail-on-empty-changeset"),
            ]
        )
    result = _result(done.stdout)
    if done.returncode or result is None:
        told = result["error"]["message"] if result else done.stderr or done.stdout
        raise DeployError(f"sam deploy failed: {told.strip()}")
    identifier: str | None = result.get("changeset_id")
    return identifier


def as_overrides(values: Mapping[str, str]) -> str:
    """The parameters as the text of a YAML file for sam."""
    # sam removes quotes twice: when it reads the file, and when it reads the option that names the file.
    return json.dumps({name: _quoted(_quoted(value)) for name, value in values.items()}, ensure_ascii=False)


def _quoted(value: str) -> str:
    """The value, quoted for sam."""
    for character in (" ", '"', "'"):
        value = value.replace(character, f"\\{character}")
    return f'"{value}"'


def _result(output: str) -> dict[str, Any] | None:
    """The result in the last of sam's JSON lines."""
    for line in reversed(output.splitlines()):
        try:
            parsed = json.loads(line)
        except ValueError:
            continue
        if isinstance(parsed, dict) and parsed.get("type") == "result":
            return parsed
    return None
