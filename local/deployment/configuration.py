"""The configurations in samconfig.toml: dev and prod."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from samcli.cli.types import CfnParameterOverridesType

from local.deployment.parameters import HASH


@dataclass(frozen=True)
class Configuration:
    """A section of samconfig.toml.

    ``first_parameters`` are for a stack that is created. Later, the stack's own values count.
    """

    name: str
    stack: str
    asks: bool
    first_parameters: Mapping[str, str]


def read_configurations(samconfig: Path) -> dict[str, Configuration]:
    """The configurations by name."""
    sections = tomllib.loads(samconfig.read_text(encoding="utf-8"))
    return {
        name: _configuration(name, section["deploy"]["parameters"])
        for name, section in sections.items()
        if isinstance(section, dict)
    }


def _configuration(name: str, values: Mapping[str, object]) -> Configuration:
    overrides = CfnParameterOverridesType().convert(values.get("parameter_overrides", []), None, None)
    return Configuration(
        name=name,
        stack=str(values["stack_name"]),
        asks=bool(values.get("confirm_changeset", False)),
        first_parameters={key: value for key, value in overrides.items() if key != HASH},
    )
