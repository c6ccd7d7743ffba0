"""The stack's parameters: typed, bounded, and in the environment of the functions."""

import re

import pytest

from local.build import code_sha256
from local.deployment.configuration import read_configurations
from local.deployment.parameters import DeployError, Parameters
from local.deployment.rules import check_rules
from tests.factories import ROOT
from tests.infrastructure.cloudformation import (
    KEY_ARN,
    SECRET_ARN,
    of_type,
    template,
    transformed,
)

ROLE = "arn:aws:iam::123456789012:role/backend"


def test_parameters_are_typed_described_and_bounded() -> None:
    for name, parameter in template()["Parameters"].items():
        assert len(parameter["Description"]) > 20, name
        assert "Default" in parameter or name == "ZegoAppId"
        # a Number may be 00 or 0.5, which what reads it does not take
        assert parameter["Type"] == "String"
        assert ("AllowedPattern" in parameter) is ("ConstraintDescription" in parameter), name
        assert ("AllowedPattern" in parameter) is not ("AllowedValues" in parameter), name


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
            for bad in (
                "*",
                "https://*",
                "a.example",
                "https://a/x",
                "https://a, b",
                "https://a.example/",
                "https://A.example",
                "null",
                "capacitor://localhost",
            )
        ),
        ("CodeSha256", code_sha256(), True),
        ("JwtIssuer", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI", True),
        ("JwtIssuer", "http://issuer.example.com", False),
        ("JwtAudience", "web,ios", True),
        ("JwtAudience", "web,", False),
        ("UserIdClaim", "https://example.com/user_id", True),
        ("UserIdClaim", "", False),
        *(
            ("ServiceRoles", good, True)
            for good in ("", ROLE, f"{ROLE},{ROLE}-2", ROLE.replace("role/", "role/a/b/"))
        ),
        *(
            ("ServiceRoles", bad, False)
            for bad in (
                "*",
                "backend",
                ROLE.replace("role", "user"),
                "arn:aws:iam::*:role/x",
                ROLE + "*",
            )
        ),
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


# The smallest and the largest value of each number.
NUMBERS = {
    "DefaultTtlSeconds": (60, 31536000),
    "MaxTtlSeconds": (60, 31536000),
    "SecretTtlSeconds": (1, 86400),
    "SecretStaleSeconds": (0, 604800),
    "UserTokensPerMinute": (0, 100000),
    "ThrottlingRateLimit": (1, 10000),
    "ThrottlingBurstLimit": (1, 5000),
    "ArchiveDays": (0, 3650),
    "ProvisioningConcurrency": (2, 1000),
    "RosterToleratedBadPercent": (0, 100),
    "RosterRetentionDays": (1, 3650),
    "MemorySize": (128, 10240),
    "TokenApiReservedConcurrency": (0, 9999),
    "ProvisionerMemorySize": (128, 10240),
}


@pytest.mark.parametrize(("name", "bounds"), NUMBERS.items())
def test_numbers_are_integers_of_their_range(name: str, bounds: tuple[int, int]) -> None:
    low, high = bounds
    declared = template()["Parameters"][name]
    tried = {
        *range(min(high, 12_000) + 2),
        *range(max(high - 12_000, 0), high + 12_000),
        *range(0, high, 997),
    }

    taken = {number for number in tried if re.fullmatch(declared["AllowedPattern"], str(number))}

    assert taken == {number for number in tried if low <= number <= high}
    assert declared["ConstraintDescription"] == f"must be an integer from {low} to {high}."
    for other in ("", "00", f"0{high}", "0.5", f"{high}.0", f"-{high}", f"+{high}", "1e2", "٣", f"{high}\n"):
        assert re.fullmatch(declared["AllowedPattern"], other) is None, other


def test_each_number_is_tested() -> None:
    numbers = {
        name for name, given in template()["Parameters"].items() if given.get("Default", "").isdecimal()
    }

    assert numbers - NUMBERS.keys() == {"LogRetentionDays"}


def test_no_archive_is_made_unless_days_are_given() -> None:
    archives = [of_type(transformed(ArchiveDays=days), "AWS::Events::Archive") for days in ("0", "7")]

    assert [len(found) for found in archives] == [0, 1]


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        ({}, None),
        ({"JwtIssuer": "https://i.example", "JwtAudience": "web"}, None),
        ({"JwtIssuer": "https://i.example"}, "JwtIssuer needs a JwtAudience."),
        ({"JwtAudience": "web"}, "JwtAudience needs a JwtIssuer; "),
        ({"ExistingSecretArn": SECRET_ARN, "SecretKmsKeyArn": KEY_ARN}, None),
        ({"ExistingSecretArn": SECRET_ARN}, None),
        ({"SecretKmsKeyArn": KEY_ARN}, "SecretKmsKeyArn needs an ExistingSecretArn; "),
    ],
)
def test_a_parameter_that_needs_another_is_not_deployed_without_it(
    values: dict[str, str], broken: str | None
) -> None:
    parameters = Parameters.of_template(ROOT / "template.yaml")
    if broken is None:
        check_rules(parameters, values)
        return

    with pytest.raises(DeployError) as refusal:
        check_rules(parameters, values)

    assert str(refusal.value).startswith(f"PARAMS: {broken}")
