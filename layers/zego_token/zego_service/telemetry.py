"""Structured logs and CloudWatch metrics. No secret, token, IV or plaintext is ever passed to either."""

import json
import logging
import os
from functools import partial

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

_NAMESPACE = "ZegoTokens"
# The stack's name, so that stacks of one account do not ring each other's alarms.
_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME") or "zego-tokens"

# At DEBUG they log requests and answers, with secrets and data keys. A level of their own keeps them from the
# root logger's; disabling DEBUG keeps their children and stream handlers from it too.
_TALKATIVE = ("boto3", "botocore", "s3transfer", "urllib3")
for _name in _TALKATIVE:
    logging.getLogger(_name).setLevel(logging.INFO)
logging.disable(logging.DEBUG)

# ASCII only: text that UTF-8 cannot encode would lose the line.
_to_json = partial(json.dumps, default=str, separators=(",", ":"))

logger = Logger(service=_SERVICE, json_serializer=_to_json)


def count(metric: str, **dimensions: str) -> None:
    """Add one to a metric, in CloudWatch's embedded metric format on standard output."""
    with single_metric(
        name=metric,
        unit=MetricUnit.Count,
        value=1,
        namespace=_NAMESPACE,
        default_dimensions={"service": _SERVICE, **dimensions},
    ):
        pass
