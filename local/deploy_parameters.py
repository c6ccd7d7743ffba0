"""Prints the parameter overrides of a deployment: those of samconfig.toml, and the hash of the code."""

import sys
import tomllib

from local.build import ROOT, code_sha256


def main(config: str) -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())
    try:
        overrides = settings[config]["deploy"]["parameters"].get("parameter_overrides", [])
    except KeyError:
        sys.exit(f"samconfig.toml has no section [{config}.deploy.parameters]")
    # `sam deploy --guided` writes one string, people write a list.
    listed = [overrides] if isinstance(overrides, str) else overrides
    print(*(entry for entry in listed if not entry.startswith("CodeSha256=")), f"CodeSha256={code_sha256()}")


if __name__ == "__main__":
    main(sys.argv[1])
