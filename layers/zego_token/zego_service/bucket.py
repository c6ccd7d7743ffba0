"""The S3 bucket of the service: rosters, their results, and what was rejected."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from zego_service.errors import BucketUnavailableError
from zego_service.settings import Settings
from zego_service.table import BULK_CLIENT_CONFIG
from zego_service.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def s3_client() -> "S3Client":
    """A client that gives up on a dead endpoint after some fifteen seconds."""
    return boto3.client("s3", config=BULK_CLIENT_CONFIG)


class Bucket:
    """The objects of the bucket, as text. Every method raises :class:`BucketUnavailableError`."""

    def __init__(self, client: "S3Client", settings: Settings) -> None:
        self._client = client
        self._name = settings.bucket

    def put(self, key: str, text: str, media_type: str) -> None:
        """Write an object, or replace it."""
        with _reachable():
            self._client.put_object(
                Bucket=self._name, Key=key, Body=text.encode(), ContentType=f"{media_type}; charset=utf-8"
            )

    def get(self, key: str) -> str:
        """Read an object."""
        with _reachable():
            return self._client.get_object(Bucket=self._name, Key=key)["Body"].read().decode()

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with ``prefix``, in order."""
        with _reachable():
            for page in self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._name, Prefix=prefix
            ):
                for entry in page.get("Contents", ()):
                    yield entry["Key"]


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        logger.error("the bucket cannot be used", cause=type(error).__name__)
        raise BucketUnavailableError() from None
