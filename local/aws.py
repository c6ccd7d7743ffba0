"""The embedded AWS (moto) and what it holds: one ZEGO app and its secret."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3

from zego_service.errors import InvalidRequestError, SecretMalformedError
from zego_service.fields import parse_app_id
from zego_service.secret_store import parse_secret
from zego_service.settings import Settings, variable_of
from zego_token import MAX_APP_ID

DEMO_APP_ID = 1234567890
DEMO_SECRET = "0123456789abcdef0123456789abcdef"

# Invented values. They keep boto3 from looking for real credentials.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_SESSION_TOKEN": "local",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "NO_PROXY": "127.0.0.1",
}


# The role of the sample events' caller, which is a service behind a function URL too.
SAMPLE_ROLE = "arn:aws:iam::123456789012:role/backend"


@dataclass(frozen=True)
class ZegoApp:
    """An app's AppID and ServerSecret."""

    app_id: int
    secret: str = field(repr=False)

    @property
    def is_demo(self) -> bool:
        return (self.app_id, self.secret) == (DEMO_APP_ID, DEMO_SECRET)


def zego_app(environment: Mapping[str, str]) -> ZegoApp:
    """The app of ZEGO_APP_ID and ZEGO_SERVER_SECRET, or the demo app. Exits if they are invalid."""
    app_id, secret = environment.get("ZEGO_APP_ID"), environment.get("ZEGO_SERVER_SECRET")
    if not app_id and not secret:
        return ZegoApp(DEMO_APP_ID, DEMO_SECRET)
    if not app_id or not secret:
        sys.exit("Set both ZEGO_APP_ID and ZEGO_SERVER_SECRET, or neither for the demo app.")
    try:
        number = int(app_id) if app_id.isdecimal() and len(app_id) <= len(str(MAX_APP_ID)) else 0
        return ZegoApp(parse_app_id(number), parse_secret(secret))
    except InvalidRequestError as error:
        sys.exit(f"ZEGO_APP_ID: {error.detail}.")
    except SecretMalformedError as error:
        sys.exit(f"ZEGO_SERVER_SECRET: {error.fault}.")


def use_local_credentials() -> None:
    """Keep this process away from real AWS accounts."""
    os.environ.update(ENVIRONMENT)
    for name in (
        *(
            variable_of(name)
            for name in ("secret_name", "table", "server_api", "event_bus", "bucket", "kms_key")
        ),
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL_EVENTBRIDGE",
        "AWS_ENDPOINT_URL_KMS",
    ):
        os.environ.pop(name, None)


@cache
def client(service: Any, endpoint_url: str | None = None) -> Any:
    """A client of the embedded AWS, made once: that takes longer than most calls."""
    return boto3.client(service, endpoint_url=endpoint_url)


def create_table(endpoint_url: str | None = None) -> None:
    """Create the template's table, with what the functions use of it."""
    client("dynamodb", endpoint_url).create_table(
        TableName=Settings().table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )


def store_secret(app: ZegoApp, endpoint_url: str | None = None) -> None:
    """Store the app's secret under the name that the function reads."""
    client("secretsmanager", endpoint_url).create_secret(Name=f"zego/{app.app_id}", SecretString=app.secret)


def create_stack(endpoint_url: str | None = None) -> None:
    """Create the rest of the template that the functions use: bucket, event bus and key."""
    settings = Settings()
    boto3.client("s3", endpoint_url=endpoint_url).create_bucket(
        Bucket=settings.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    boto3.client("events", endpoint_url=endpoint_url).create_event_bus(Name=settings.event_bus)
    kms = boto3.client("kms", endpoint_url=endpoint_url)
    key_id = kms.create_key(Description="Tokens that are minted ahead")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=settings.kms_key, TargetKeyId=key_id)
