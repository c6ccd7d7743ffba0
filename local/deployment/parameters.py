"""The template's parameters: names, allowed values, and the values of a deployment."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local.arguments import shown

APP_ID = "ZegoAppId"
HASH = "CodeSha256"


class DeployError(Exception):
    """The reason why a deployment stops, in one line, for the person who typed the command."""


@dataclass(frozen=True)
class Parameters:
    """A template's declarations. The rules are in the template only."""

    text: str
    declared: Mapping[str, Mapping[str, Any]]
    rules: Mapping[str, Any]

    @classmethod
    def of_template(cls, path: Path) -> "Parameters":
        text = path.read_text()
        template = yaml_parse(text)
        return cls(text, template["Parameters"], template.get("Rules", {}))

    def check_name(self, name: str) -> None:
        if name in self.declared:
            return
        (close,) = get_close_matches(name, self.declared, n=1) or [""]
        hint = f"do you mean {close}?" if close else "template.yaml lists the parameters."
        raise DeployError(f"PARAMS: {shown(name)} is not a parameter; {hint}")

    def check(self, name: str, value: str, label: str) -> None:
        """Refuse what CloudFormation would refuse, with the template's own message."""
        declared = self.declared[name]
        if "AllowedValues" in declared:
            allowed = [str(choice) for choice in declared["AllowedValues"]]
            valid, expected = value in allowed, f"must be one of {', '.join(allowed)}."
        else:
            valid = re.fullmatch(declared["AllowedPattern"], value) is not None
            expected = declared["ConstraintDescription"]
        if not valid:
            raise DeployError(f"{label}={shown(value)} {expected}")

    def default(self, name: str) -> str:
        return str(self.declared[name].get("Default", ""))

    def merged(
        self, first: Mapping[str, str], remembered: Mapping[str, str], given: Mapping[str, str]
    ) -> dict[str, str]:
        """The values to deploy: given ones, else the stack's, else the first ones of the configuration.

        An empty value brings a parameter back to its default.
        """
        kept = {name: value for name, value in {**first, **remembered}.items() if name in self.declared}
        return {
            **kept,
            **{name: value or first.get(name, self.default(name)) for name, value in given.items()},
        }

    def with_hash(self, values: Mapping[str, str], code: str) -> dict[str, str]:
        """The values, and the hash over code, template and values.

        SAM publishes a version of a function when its own code changes, and not for another layer or
        parameter. The hash makes it do so.
        """
        others = {name: value for name, value in values.items() if name != HASH}
        complete = {name: others.get(name, self.default(name)) for name in self.declared if name != HASH}
        deployed = json.dumps([code, self.text, sorted(complete.items())])
        return {**others, HASH: hashlib.sha256(deployed.encode()).hexdigest()}
