"""The template's Rules: which parameters need each other. CloudFormation checks them again."""

from collections.abc import Mapping
from typing import Any

from local.deployment.parameters import DeployError, Parameters


def check_rules(parameters: Parameters, values: Mapping[str, str]) -> None:
    """Raise :class:`DeployError` with the description of the first rule that these values break."""
    complete = {name: values.get(name, parameters.default(name)) for name in parameters.declared}
    for rule in parameters.rules.values():
        if "RuleCondition" in rule and not _evaluated(rule["RuleCondition"], complete):
            continue
        for assertion in rule["Assertions"]:
            if not _evaluated(assertion["Assert"], complete):
                raise DeployError(f"PARAMS: {assertion['AssertDescription']}")


def _evaluated(node: Any, values: Mapping[str, str]) -> Any:
    match node:
        case {"Ref": str(name)}:
            return values[name]
        case {"Fn::Equals": [one, other]}:
            return _evaluated(one, values) == _evaluated(other, values)
        case {"Fn::Not": [inner]}:
            return not _evaluated(inner, values)
        case {"Fn::And": list(inner)}:
            return all(_evaluated(each, values) for each in inner)
        case {"Fn::Or": list(inner)}:
            return any(_evaluated(each, values) for each in inner)
        case str():
            return node
    raise NotImplementedError(node)
