"""`make deploy`: `sam deploy` with the hash of what is deployed, so that all of it reaches the alias.

SAM publishes a version of a function when its own code changes, and not for another layer, another
parameter or another property. The hash makes it do so.
"""

import hashlib
import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from samcli.cli.types import CfnParameterOverridesType

from local.build import ROOT, code_sha256

HASH = "CodeSha256"


def main(config: str) -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())
    try:
        given = settings[config]["deploy"]["parameters"].get("parameter_overrides", [])
    except KeyError:
        sys.exit(f"samconfig.toml has no section [{config}.deploy.parameters]")
    sam = str(Path(sys.executable).with_name("sam"))
    overrides = [f'{name}="{value}"' for name, value in with_hash(parsed(given)).items()]
    command = [sam, "deploy", "--config-env", config, "--parameter-overrides", *overrides]
    sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


def parsed(given: str | list[str]) -> dict[str, str]:
    """Overrides as a person lists them, or as `sam deploy --guided` writes them."""
    entries = (given,) if isinstance(given, str) else tuple(given)
    return dict(CfnParameterOverridesType().convert(entries, None, None)) if entries else {}


def with_hash(overrides: Mapping[str, str]) -> dict[str, str]:
    """The overrides and the hash over code, template and overrides."""
    others = {name: value for name, value in overrides.items() if name != HASH}
    template = (ROOT / "template.yaml").read_text()
    deployed = json.dumps([code_sha256(), template, sorted(others.items())])
    return {**others, HASH: hashlib.sha256(deployed.encode()).hexdigest()}


if __name__ == "__main__":
    main(sys.argv[1])
