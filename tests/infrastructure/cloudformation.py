"""The template as CloudFormation gets it: transformed by SAM, with conditions and intrinsics resolved."""

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import boto3
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from tests.factories import ROOT

PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "zego-tokens",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::AccountId": "123456789012",
}
# Of a secret and a key that were there before the stack.
SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mine-AbCdEf"
KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
_NO_VALUE = object()


@cache
def template() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return parsed


@cache
def transformed(layer: str = "s3://bucket/layer", **parameters: str) -> dict[str, Any]:
    """The stack's resources by logical id, for these parameters and the defaults of the others."""
    source = deepcopy(template())
    for resource in source["Resources"].values():
        properties = resource.get("Properties", {})
        if "CodeUri" in properties:
            properties["CodeUri"] = "s3://bucket/functions"
        if "ContentUri" in properties:
            properties["ContentUri"] = layer
        if "DefinitionUri" in properties:
            properties["DefinitionUri"] = "s3://bucket/definition"
    values = _values(source, parameters)
    session = boto3.Session(region_name=PSEUDO["AWS::Region"])
    output = Translator({}, Parser(), boto_session=session).translate(source, dict(values))
    return _Resolver(output, {**PSEUDO, **values}).resources()


def roster_definition(names: Mapping[str, str] | None = None, **parameters: str) -> dict[str, Any]:
    """The state machine's definition as Step Functions gets it, with these names of resources.

    Resources that are not named have their logical ids for names.
    """
    properties = transformed(**parameters)["RosterStateMachine"]["Properties"]
    file = ROOT / template()["Resources"]["RosterStateMachine"]["Properties"]["DefinitionUri"]
    substitutions = {
        name: given if isinstance(given, str) else (names or {}).get(given["Ref"], given["Ref"])
        for name, given in properties["DefinitionSubstitutions"].items()
    }
    return deepcopy(_loaded(_substituted(file.read_text(), substitutions)))


@cache
def _loaded(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    """The properties of the resources of a type, by logical id."""
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == kind}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(resources: dict[str, Any], *roles: str) -> list[dict[str, Any]]:
    """What these roles may do; without names, all of them."""
    return [
        statement
        for name, role in of_type(resources, "AWS::IAM::Role").items()
        if name in roles or not roles
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def statements_on(resources: dict[str, Any], action: str, *roles: str) -> list[dict[str, Any]]:
    """The statements that let these roles do that."""
    return [
        statement for statement in statements(resources, *roles) if action in as_list(statement["Action"])
    ]


def _values(source: dict[str, Any], parameters: Mapping[str, str]) -> dict[str, str]:
    defaults = {
        name: str(given["Default"]) for name, given in source["Parameters"].items() if "Default" in given
    }
    return {**defaults, "ZegoAppId": "1234567890", **parameters}


def _substituted(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{([\w:]+)\}", lambda match: values[match[1]], text)


class _Resolver:
    """Evaluates conditions, Ref to parameters, Fn::If and Fn::Split; leaves the rest as it is."""

    def __init__(self, output: dict[str, Any], values: dict[str, str]) -> None:
        self._output = output
        self._values = values

    def resources(self) -> dict[str, Any]:
        return {
            name: self.resolve(resource)
            for name, resource in self._output["Resources"].items()
            if "Condition" not in resource or self._holds(resource["Condition"])
        }

    def resolve(self, node: Any) -> Any:
        if isinstance(node, list):
            return [value for value in map(self.resolve, node) if value is not _NO_VALUE]
        if not isinstance(node, dict):
            return node
        match node:
            case {"Ref": "AWS::NoValue"}:
                return _NO_VALUE
            case {"Ref": str(name)} if name in self._values:
                return self._values[name]
            case {"Fn::If": [str(condition), yes, no]}:
                return self.resolve(yes if self._holds(condition) else no)
            case {"Fn::Split": [str(separator), text]}:
                return self.resolve(text).split(separator)
        resolved = {name: self.resolve(value) for name, value in node.items()}
        return {name: value for name, value in resolved.items() if value is not _NO_VALUE}

    def _holds(self, condition: Any) -> bool:
        if isinstance(condition, str):
            condition = self._output["Conditions"][condition]
        match condition:
            case {"Fn::Equals": [one, other]}:
                return bool(self.resolve(one) == self.resolve(other))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
        raise NotImplementedError(condition)
