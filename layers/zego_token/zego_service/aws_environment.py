"""Where the small client may stand in for boto3, and where the services are.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
"""

import os
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

HotService = Literal["dynamodb", "secretsmanager"]

_VARIABLES: dict[HotService, str] = {
    "dynamodb": "AWS_ENDPOINT_URL_DYNAMODB",
    "secretsmanager": "AWS_ENDPOINT_URL_SECRETS_MANAGER",
}
# The regions of a partition, and the domain of its endpoints. Other partitions are left to boto3.
_PARTITIONS = (
    (re.compile(r"cn-\w+-\d+"), "amazonaws.com.cn"),
    (re.compile(r"us-gov-\w+-\d+"), "amazonaws.com"),
    (re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+"), "amazonaws.com"),
)
_URL = re.compile(r"(https?)://([a-z0-9.-]+)(?::([0-9]{1,5}))?/?")
_PORTS = {"http": 80, "https": 443}
# Profiles, credentials that expire, and proxies: only boto3 knows them.
_ONLY_BOTO3 = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CREDENTIAL_EXPIRATION",
    *(f"{name}_PROXY" for name in ("HTTP", "HTTPS", "ALL")),
    *(f"{name}_proxy" for name in ("http", "https", "all")),
)
_SWITCHES = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


class Endpoint(NamedTuple):
    """Where a service is."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """The host as HTTP names it: with the port, unless it is the scheme's own."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"


def is_plain_lambda(environment: Mapping[str, str]) -> bool:
    """Whether this is Lambda with static credentials, in a known partition, and nothing that needs boto3.

    False too where ``ZEGO_AWS_CLIENT`` is ``boto3``.
    """
    return (
        bool(environment.get("AWS_LAMBDA_RUNTIME_API"))
        and environment.get("ZEGO_AWS_CLIENT") != "boto3"
        and all(environment.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
        and not any(environment.get(name) for name in _ONLY_BOTO3)
        and environment.get("AWS_CONFIG_FILE", os.devnull) == os.devnull
        and not any(environment.get(name, "").lower() == "true" for name in _SWITCHES)
        and all(endpoint_of(service, environment) is not None for service in _VARIABLES)
    )


def endpoint_of(service: HotService, environment: Mapping[str, str]) -> Endpoint | None:
    """The endpoint of a service; None where only boto3 knows it."""
    region = region_of(environment)
    domain = next((domain for regions, domain in _PARTITIONS if regions.fullmatch(region)), None)
    if domain is None:
        return None
    named = environment.get(_VARIABLES[service]) or environment.get("AWS_ENDPOINT_URL")
    found = _URL.fullmatch(named or f"https://{service}.{region}.{domain}")
    if found is None:
        return None
    scheme, host, port = found.groups()
    return Endpoint(scheme, host, int(port or _PORTS[scheme]))


def region_of(environment: Mapping[str, str]) -> str:
    """The region; empty where none is set. boto3 reads the first of these variables, Lambda sets both."""
    return environment.get("AWS_DEFAULT_REGION") or environment.get("AWS_REGION") or ""
