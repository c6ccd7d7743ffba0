"""Where the small client is used, and which endpoints it asks."""

import os
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest

from tests.lambda_environment import as_in_lambda
from zego_service import aws_json
from zego_service.aws_environment import HotService, endpoint_of, is_plain_lambda
from zego_service.clients import Clients
from zego_service.settings import Settings, SettingsError

LAMBDA = {
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "b",
    "AWS_SESSION_TOKEN": "c",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
}
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
SERVICES: tuple[HotService, ...] = ("dynamodb", "secretsmanager")


def test_lambda_with_its_own_credentials_is_plain() -> None:
    assert is_plain_lambda(LAMBDA)
    assert is_plain_lambda({**LAMBDA, "AWS_ENDPOINT_URL": "http://127.0.0.1:5000", "NO_PROXY": "*"})
    assert is_plain_lambda({**LAMBDA, "AWS_USE_FIPS_ENDPOINT": "false", "AWS_CONFIG_FILE": os.devnull})


@pytest.mark.parametrize("missing", ["AWS_LAMBDA_RUNTIME_API", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_what_is_missing_is_left_to_boto3(missing: str) -> None:
    assert not is_plain_lambda({name: value for name, value in LAMBDA.items() if name != missing})
    assert not is_plain_lambda({**LAMBDA, missing: ""})


@pytest.mark.parametrize(
    "special",
    [
        {"ZEGO_AWS_CLIENT": "boto3"},
        {"HTTPS_PROXY": "http://proxy:3128"},
        {"https_proxy": "http://proxy:3128"},
        {"HTTP_PROXY": "http://proxy:3128"},
        {"ALL_PROXY": "socks5://proxy"},
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_USE_FIPS_ENDPOINT": "True"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "TRUE"},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_PROFILE": "other"},
        {"AWS_CREDENTIAL_EXPIRATION": "2026-11-25T12:00:00Z"},
        {"AWS_CONFIG_FILE": "/etc/aws/config"},
        {"AWS_DEFAULT_REGION": "us-iso-east-1"},
        {"AWS_DEFAULT_REGION": "eusc-de-east-1"},
        {"AWS_DEFAULT_REGION": "", "AWS_REGION": ""},
        {"AWS_DEFAULT_REGION": "eu-central-1.evil.example/"},
        {"AWS_ENDPOINT_URL": "https://proxy/path"},
        {"AWS_ENDPOINT_URL": "https://user@host"},
        {"AWS_ENDPOINT_URL_DYNAMODB": "ftp://host"},
        {"AWS_ENDPOINT_URL_SECRETS_MANAGER": "host:5000"},
    ],
)
def test_what_only_boto3_knows_is_left_to_it(special: dict[str, str]) -> None:
    assert not is_plain_lambda(LAMBDA | special)


def boto3_regions() -> list[tuple[str, str]]:
    session = boto3.session.Session()
    return [
        (partition, region)
        for partition in PARTITIONS
        for region in session.get_available_regions("dynamodb", partition, allow_non_regional=False)
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_endpoints_are_those_of_boto3_in_every_region(service: Any) -> None:
    regions = boto3_regions()
    assert len(regions) > 30
    session: Any = botocore.session.get_session()
    resolver = session._get_internal_component("endpoint_resolver")

    for _, region in regions:
        endpoint = endpoint_of(service, {"AWS_DEFAULT_REGION": region})

        assert endpoint is not None, region
        known = resolver.construct_endpoint(service, region)
        assert (endpoint.scheme, endpoint.authority) == ("https", known["hostname"])


@pytest.mark.parametrize("partition", ["aws-iso", "aws-iso-b", "aws-eusc"])
def test_regions_of_other_partitions_are_left_to_boto3(partition: str) -> None:
    regions = boto3.session.Session().get_available_regions("dynamodb", partition)
    assert regions

    assert {region for region in regions if endpoint_of("dynamodb", {"AWS_DEFAULT_REGION": region})} == set()


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:5000"}, ("http", "127.0.0.1", 5000)),
        ({"AWS_ENDPOINT_URL": "https://localstack/"}, ("https", "localstack", 443)),
        (
            {"AWS_ENDPOINT_URL": "http://a:1", "AWS_ENDPOINT_URL_DYNAMODB": "http://b:2"},
            ("http", "b", 2),
        ),
        (
            {"AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://c:3"},
            ("https", "dynamodb.eu-central-1.amazonaws.com", 443),
        ),
    ],
)
def test_endpoint_urls_of_the_environment_are_used(
    urls: dict[str, str], expected: tuple[str, str, int]
) -> None:
    assert endpoint_of("dynamodb", LAMBDA | urls) == expected


def test_in_lambda_boto3_makes_no_client_until_a_call_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    as_in_lambda(monkeypatch, "http://127.0.0.1:1")
    made: list[str] = []
    make: Any = boto3.client

    def note(service: str, **options: Any) -> Any:
        made.append(service)
        return make(service, **options)

    monkeypatch.setattr(boto3, "client", note)

    Clients().prepare("secretsmanager", "dynamodb")
    assert made == []

    Clients(bulk=True).prepare("dynamodb")  # which writes
    assert made == ["dynamodb"]


def test_the_small_client_stays_small() -> None:
    assert len(Path(aws_json.__file__).read_text().splitlines()) <= 250


def test_the_switch_to_boto3_has_no_other_value() -> None:
    assert Settings.from_environment({"ZEGO_AWS_CLIENT": "boto3"}).aws_client == "boto3"
    with pytest.raises(SettingsError, match=r"^ZEGO_AWS_CLIENT must be boto3, or be left out$"):
        Settings.from_environment({"ZEGO_AWS_CLIENT": "boto"})
