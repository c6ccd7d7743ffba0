"""The DynamoDB table of the service: quotas and revocations, told apart by their keys.

``pk`` and ``sk`` are the keys; DynamoDB deletes an item some time after ``expires_at`` (Unix seconds).
"""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Every mint waits for this table, so it must answer at once or be done without.
_CLIENT_CONFIG = Config(
    connect_timeout=0.5, read_timeout=0.5, retries={"mode": "standard", "total_max_attempts": 2}
)


def dynamodb_client() -> "DynamoDBClient":
    """A client that gives up on a dead endpoint after about two seconds."""
    return boto3.client("dynamodb", config=_CLIENT_CONFIG)
