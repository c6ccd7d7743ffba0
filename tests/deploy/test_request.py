"""What `make deploy` is asked for is checked before anything is read from AWS or built."""

import json
from pathlib import Path

import pytest
from samcli.cli.types import CfnParameterOverridesType

from local.deployment.parameters import DeployError, Parameters
from local.deployment.request import Request, read_request
from local.deployment.sam import as_overrides
from tests.factories import ROOT

PARAMETERS = Parameters.of_template(ROOT / "template.yaml")


def requested(**environment: str) -> Request:
    return read_request(environment, ROOT / "samconfig.toml", PARAMETERS)


def test_a_request_has_defaults() -> None:
    request = requested()

    assert (request.configuration.name, request.stack) == ("dev", "zego-tokens-dev")
    assert (request.app_id, request.given, request.region, request.confirmed) == ("", {}, "", False)


def test_a_request_is_read() -> None:
    request = requested(
        APP_ID="1234567890",
        CONFIG="prod",
        REGION="eu-central-1",
        STACK="s" * 72,
        PARAMS="JwtIssuer=https://i.example  JwtAudience='web,ios' AlarmTopicArn=",
        YES="1",
    )

    assert (request.configuration.name, request.stack) == ("prod", "s" * 72)
    assert request.given == {
        "JwtIssuer": "https://i.example",
        "JwtAudience": "web,ios",
        "AlarmTopicArn": "",
    }
    assert (request.app_id, request.region, request.confirmed) == ("1234567890", "eu-central-1", True)


def test_a_region_is_named_by_the_first_variable_that_has_one() -> None:
    variables = {"REGION": "eu-central-1", "AWS_REGION": "us-gov-west-1", "AWS_DEFAULT_REGION": "ap-south-2"}
    found = []
    while variables:
        found.append(requested(**variables).region)
        variables.pop(next(iter(variables)))

    assert found == ["eu-central-1", "us-gov-west-1", "ap-south-2"]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"CONFIG": "staging"}, "CONFIG=staging must be dev or prod."),
        ({"CONFIG": "version"}, "CONFIG=version must be dev or prod."),
        ({"APP_ID": "0"}, "APP_ID=0 must be a number from 1 to 4294967295."),
        ({"APP_ID": "4294967296"}, "APP_ID=4294967296 must be a number from 1 to 4294967295."),
        ({"STACK": "1x"}, "STACK=1x must begin with a letter and have letters, digits and hyphens only."),
        ({"STACK": "a_b"}, "STACK=a_b must begin with a letter and have letters, digits and hyphens only."),
        (
            {"STACK": "a\nb"},
            r"STACK='a\nb' must begin with a letter and have letters, digits and hyphens only.",
        ),
        ({"CONFIG": "\x1b[1m"}, r"CONFIG='\x1b[1m' must be dev or prod."),
        ({"REGION": "eu\nx"}, r"REGION='eu\nx' must be the name of a region, such as eu-central-1."),
        ({"YES": "1\n2"}, r"YES='1\n2' must be 1 (yes) or 0 (no)."),
        ({"PARAMS": "'a\nb'"}, r"PARAMS must be Name=Value pairs with spaces between, not 'a\nb'."),
        (
            {"PARAMS": "'a\nb=c'"},
            r"PARAMS: 'a\nb' is not a parameter; template.yaml lists the parameters.",
        ),
        ({"STACK": "default"}, "STACK=default is taken: the account's own event bus has that name."),
        ({"STACK": "s" * 73}, "STACK must have at most 72 characters, not 73."),
        ({"REGION": "eu"}, "REGION=eu must be the name of a region, such as eu-central-1."),
        ({"AWS_REGION": "a.b"}, "AWS_REGION=a.b must be the name of a region, such as eu-central-1."),
        ({"YES": "please"}, "YES=please must be 1 (yes) or 0 (no)."),
        ({"PARAMS": "a"}, "PARAMS must be Name=Value pairs with spaces between, not 'a'."),
        ({"PARAMS": "=a"}, "PARAMS must be Name=Value pairs with spaces between, not '=a'."),
        ({"PARAMS": "JwtIsuer=a"}, "PARAMS: JwtIsuer is not a parameter; do you mean JwtIssuer?"),
        ({"PARAMS": "X='"}, "PARAMS has a quote or backslash without its end (No closing quotation)."),
        ({"PARAMS": "ZegoAppId=5"}, "PARAMS must not set ZegoAppId; use APP_ID=... instead."),
        ({"PARAMS": "CodeSha256="}, "PARAMS must not set CodeSha256; make deploy sets it."),
        ({"PARAMS": "MemorySize=512 MemorySize=1024"}, "PARAMS sets MemorySize twice."),
        ({"PARAMS": "MemorySize=64"}, "PARAMS: MemorySize=64 must be an integer from 128 to 10240."),
        ({"PARAMS": "MemorySize=512.5"}, "PARAMS: MemorySize=512.5 must be an integer from 128 to 10240."),
        ({"PARAMS": "MemorySize=0512"}, "PARAMS: MemorySize=0512 must be an integer from 128 to 10240."),
        ({"PARAMS": "TokenCipher=GCM"}, "PARAMS: TokenCipher=GCM must be one of gcm, cbc."),
        ({"PARAMS": "ArchiveDays=00"}, "PARAMS: ArchiveDays=00 must be an integer from 0 to 3650."),
        ({"PARAMS": "JwtIssuer=http://i"}, "PARAMS: JwtIssuer=http://i must be an https URL, or empty."),
        (
            {"PARAMS": "JwtIssuer='https://i.example\n'"},
            r"PARAMS: JwtIssuer='https://i.example\n' must be an https URL, or empty.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(environment: dict[str, str], message: str) -> None:
    with pytest.raises(DeployError) as refusal:
        requested(**environment)

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "value", ["", "a b", "it's", '"', "\\", "\\\\'", '\\"x\\ "', "$(id) `id` $HOME", "'a'"]
)
def test_sam_reads_each_value_as_it_is(tmp_path: Path, value: str) -> None:
    file = tmp_path / "parameters.yaml"
    file.write_text(as_overrides({"JwtAudience": value, "JwtIssuer": "x"}))

    read = CfnParameterOverridesType().convert((f"file://{file}",), None, None)

    assert read == {"JwtAudience": value, "JwtIssuer": "x"}
    assert json.loads(file.read_text())
