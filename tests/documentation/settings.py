"""`make settings`: writes docs/settings.md, from the template's parameters and the service's settings."""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from tests.factories import ROOT
from tests.infrastructure.cloudformation import template
from zego_service.settings import Settings, variable_of

FILE = ROOT / "docs" / "settings.md"
# Variables that no parameter sets, or that mean more than their parameter.
_MEANINGS = {
    "ZEGO_SECRET_NAME": (
        "Name or ARN of the secret. Without `{app_id}` in it, only the default app is served. "
        "The stack sets the ARN."
    ),
    "ZEGO_TABLE": "Name of the DynamoDB table.",
    "ZEGO_EVENT_BUS": "Event bus that the provisioner announces on.",
    "ZEGO_BUCKET": "Bucket of rosters, results and rejected events.",
    "ZEGO_KMS_KEY": "KMS key that encrypts tokens minted ahead.",
}


def main() -> None:
    FILE.write_text("\n".join(page()) + "\n", encoding="utf-8")


def page() -> Iterator[str]:
    """The lines of the page."""
    yield "# Settings"
    yield ""
    yield "<!-- Written by `make settings`. Change template.yaml or zego_service/settings.py instead. -->"
    yield ""
    yield 'Set parameters with `make deploy PARAMS="Name=Value Name=Value"`; see [deployment.md](deployment.md).'
    yield "The stack keeps them until you change them. An empty value resets one to its default."
    yield ""
    yield "## Parameters of the template"
    yield ""
    yield "| parameter | default | allowed | what it does |"
    yield "|---|---|---|---|"
    for name, parameter in template()["Parameters"].items():
        yield _row(f"`{name}`", _default(parameter), _allowed(parameter), _sentence(parameter["Description"]))
    yield ""
    yield "## Environment variables of the functions"
    yield ""
    yield "The template sets them. A wrong value stops the function at start, with a message that names the"
    yield "variable. An empty variable has its default. Durations are in seconds."
    yield ""
    yield "| variable | default | parameter, or what it means |"
    yield "|---|---|---|"
    for field in fields(Settings):
        variable = variable_of(field.name)
        yield _row(f"`{variable}`", _value(field.default), _meaning(variable))


def parameters_of_variables() -> dict[str, str]:
    """The parameter that each environment variable is taken from, as the template has it."""
    found: dict[str, str] = {}
    places = [template()["Globals"]["Function"], *_properties_of_functions()]
    for place in places:
        for variable, value in place.get("Environment", {}).get("Variables", {}).items():
            if isinstance(value, dict) and value.get("Ref") in template()["Parameters"]:
                found[variable] = value["Ref"]
    return found


def _properties_of_functions() -> Iterator[dict[str, Any]]:
    for resource in template()["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            yield resource["Properties"]


def _meaning(variable: str) -> str:
    if variable in _MEANINGS:
        return _MEANINGS[variable]
    return f"`{parameters_of_variables()[variable]}`"


def _default(parameter: dict[str, Any]) -> str:
    return "required" if "Default" not in parameter else _value(parameter["Default"])


def _allowed(parameter: dict[str, Any]) -> str:
    if "AllowedValues" in parameter:
        return ", ".join(f"`{value}`" if value else "empty" for value in parameter["AllowedValues"])
    return str(parameter["ConstraintDescription"]).removeprefix("must be ").rstrip(".")


def _value(value: object) -> str:
    if value is None or value in ("", (), frozenset()):
        return "none"
    if isinstance(value, bool):
        return f"`{json.dumps(value)}`"
    return f"`{value}`"


def _sentence(description: str) -> str:
    """A description, whose dash stands for the colon that YAML would not take."""
    return description.replace(" - ", ": ")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    main()
