"""The stack's parameters: typed, bounded, and in the environment of the functions."""

import re

import pytest

from local.build import code_sha256
from local.deployment.configuration import read_configurations
from tests.factories import ROOT
from tests.infrastructure.cloudformation import (
    KEY_ARN,
    SECRET_ARN,
    condition_holds,
    template,
)


def test_parameters_are_typed_described_and_bounded() -> None:
    for name, parameter in template()["Parameters"].items():
        assert len(parameter["Description"]) > 20, name
        assert "Default" in parameter or name == "ZegoAppId"
        if parameter["Type"] == "String":
            assert "AllowedPattern" in parameter or "AllowedValues" in parameter, name
        else:
            assert parameter["Type"] == "Number"
            assert {"MinValue", "MaxValue"} <= parameter.keys() or "AllowedValues" in parameter, name


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        *(("ZegoAppId", good, True) for good in ("1", "1234567890", "4294967295", "999999999", "4199999999")),
        *(
            ("ZegoAppId", bad, False)
            for bad in ("", "0", "01", "-1", "4294967296", "4300000000", "1e3", "9" * 10)
        ),
        ("ExistingSecretArn", "", True),
        ("ExistingSecretArn", SECRET_ARN, True),
        ("ExistingSecretArn", "zego/1", False),
        ("ExistingSecretArn", SECRET_ARN.removesuffix("-AbCdEf"), False),
        ("SecretKmsKeyArn", KEY_ARN, True),
        ("SecretKmsKeyArn", "*", False),
        ("CorsAllowOrigins", "https://a.example,https://b.example:8443", True),
        *(
            ("CorsAllowOrigins", bad, False)
            for bad in ("*", "https://*", "a.example", "https://a/x", "https://a, b")
        ),
        ("CodeSha256", code_sha256(), True),
        ("JwtIssuer", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI", True),
        ("JwtIssuer", "http://issuer.example.com", False),
        ("JwtAudience", "web,ios", True),
        ("JwtAudience", "web,", False),
        ("UserIdClaim", "https://example.com/user_id", True),
        ("UserIdClaim", "", False),
        *(("EventBusName", good, True) for good in ("", "default", "zego-tokens_1.eu")),
        *(
            ("EventBusName", bad, False)
            for bad in ("arn:aws:events:eu-central-1:1:event-bus/x", "aws.partner/x/y", "a b")
        ),
    ],
)
def test_patterns_of_parameters(name: str, value: str, allowed: bool) -> None:
    assert bool(re.fullmatch(template()["Parameters"][name]["AllowedPattern"], value)) is allowed


def test_every_parameter_is_in_a_group() -> None:
    groups = template()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]

    assert sorted(grouped) == sorted(template()["Parameters"])


def test_deployments_name_parameters_that_exist() -> None:
    samconfig = ROOT / "samconfig.toml"
    configurations = read_configurations(samconfig)

    assert configurations.keys() == {"dev", "prod"}
    for configuration in configurations.values():
        assert configuration.first_parameters.keys() <= template()["Parameters"].keys()
        assert configuration.asks is (configuration.name == "prod")
    # else plain `sam deploy` would keep an old one
    assert samconfig.read_text().count("'CodeSha256=\"\"'") == len(configurations)


@pytest.mark.parametrize(
    ("issuer", "audience", "holds"),
    [
        ("", "", True),
        ("https://i.example", "web", True),
        ("https://i.example", "", False),
        ("", "web", False),
    ],
)
def test_an_issuer_without_an_audience_is_not_deployed(issuer: str, audience: str, holds: bool) -> None:
    parameters = {"JwtIssuer": issuer, "JwtAudience": audience}
    applied = [
        assertion["Assert"]
        for rule in template()["Rules"].values()
        if condition_holds(rule["RuleCondition"], parameters)
        for assertion in rule["Assertions"]
    ]

    assert all(condition_holds(assertion, parameters) for assertion in applied) is holds
