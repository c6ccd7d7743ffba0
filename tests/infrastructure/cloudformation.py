"""The template as CloudFormation gets it: transformed by SAM, with conditions and intrinsics resolved."""

from typing import Any

import boto3
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
_NO_VALUE = object()


def template() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return parsed


def transformed(layer: str = "s3://bucket/layer", **parameters: str) -> dict[str, Any]:
    """The stack's resources by logical id, for these parameters and the defaults of the others."""
    source = template()
    for resource in source["Resources"].values():
        properties = resource.get("Properties", {})
        if "CodeUri" in properties:
            properties["CodeUri"] = "s3://bucket/functions"
        if "ContentUri" in properties:
            properties["ContentUri"] = layer
    values = {
        name: str(given["Default"]) for name, given in source["Parameters"].items() if "Default" in given
    }
    values |= {"ZegoAppId": "1234567890", **parameters}
    session = boto3.Session(region_name=PSEUDO["AWS::Region"])
    output = Translator({}, Parser(), boto_session=session).translate(source, dict(values))
    return _Resolver(output, {**PSEUDO, **values}).resources()


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


def condition_holds(condition: Any, parameters: dict[str, str]) -> bool:
    """Whether a condition of the template holds for these parameters."""
    return _Resolver({"Conditions": {"it": condition}}, parameters)._holds("it")
