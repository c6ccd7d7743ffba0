"""Signatures of the small client are botocore's, byte for byte."""

from datetime import UTC, datetime, timedelta
from itertools import product
from unittest.mock import patch

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from zego_service.aws_environment import Endpoint, HotService
from zego_service.aws_json import Signer

EXAMPLES = 300  # each signs eight requests
SIGNED = ("authorization", "x-amz-date", "x-amz-security-token")
HEADER_TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=60)
SPACED = st.lists(HEADER_TEXT, min_size=1, max_size=3).map("  ".join)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 31))  # noqa: DTZ001, botocore's are naive too
HOSTS = st.lists(st.sampled_from(["a", "dynamodb", "x-1", "eu-central-1", "com"]), min_size=1).map(".".join)
PORTS = st.sampled_from([80, 443, 1, 4566, 65535])
REGIONS = st.sampled_from(["eu-central-1", "us-east-1", "us-gov-west-1", "cn-north-1", "ap-southeast-12"])
SERVICES: tuple[HotService, ...] = ("dynamodb", "secretsmanager")


def signed_by_botocore(
    ours: dict[str, str], endpoint: Endpoint, content: bytes, auth: SigV4Auth, moment: datetime
) -> dict[str, str]:
    """The headers that botocore makes of the request before it is signed."""
    plain = {name: ours[name] for name in ("content-type", "x-amz-target")}
    scheme, host, port = endpoint
    request = AWSRequest("POST", f"{scheme}://{host}:{port}/", headers=plain, data=content)
    with patch("botocore.auth.get_current_datetime", lambda *_, **__: moment):
        auth.add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@settings(max_examples=EXAMPLES)
@given(
    host=HOSTS,
    port=PORTS,
    region=REGIONS,
    access_key=HEADER_TEXT,
    secret_key=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x2FF), min_size=1, max_size=60),
    session_token=st.none() | SPACED,
    operation=st.sampled_from(["GetSecretValue", "Query", "GetItem", "UpdateItem", "X"]),
    contents=st.lists(st.binary(max_size=200), min_size=2, max_size=2),
    moment=MOMENTS,
)
def test_signatures_are_those_of_botocore(
    host: str,
    port: int,
    region: str,
    access_key: str,
    secret_key: str,
    session_token: str | None,
    operation: str,
    contents: list[bytes],
    moment: datetime,
) -> None:
    environment = {
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_DEFAULT_REGION": region,
    } | ({} if session_token is None else {"AWS_SESSION_TOKEN": session_token})
    credentials = Credentials(access_key, secret_key, session_token)

    for service, scheme in product(SERVICES, ("http", "https")):
        endpoint, auth = Endpoint(scheme, host, port), SigV4Auth(credentials, service, region)
        signer = Signer(service, endpoint, environment)
        for content in contents:
            ours = signer.headers(operation, content, f"{moment:%Y%m%dT%H%M%SZ}")
            theirs = signed_by_botocore(ours, endpoint, content, auth, moment)
            assert {name: ours.get(name) for name in SIGNED} == {name: theirs.get(name) for name in SIGNED}


@pytest.mark.parametrize(
    "changed", ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "day"]
)
def test_a_signer_that_is_kept_follows_new_credentials_and_days(changed: str) -> None:
    # given: a signer that has signed already
    environment = {
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_SESSION_TOKEN": "c",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    endpoint, moment = Endpoint("https", "host", 443), datetime(2026, 11, 25, 23, 59, tzinfo=UTC)
    kept = Signer("dynamodb", endpoint, environment)
    first = kept.headers("Query", b"{}", f"{moment:%Y%m%dT%H%M%SZ}")

    # when
    if changed == "day":
        moment += timedelta(hours=1)
    else:
        environment[changed] = "new"
    later = kept.headers("Query", b"{}", f"{moment:%Y%m%dT%H%M%SZ}")

    # then
    new = Signer("dynamodb", endpoint, environment).headers("Query", b"{}", f"{moment:%Y%m%dT%H%M%SZ}")
    assert later == new != first
