"""Structured logs and CloudWatch metrics. No secret, token, IV or plaintext is ever passed to either."""

import json
import logging
import os
import sys
from functools import lru_cache, partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.base import SingleMetric

from zego_service.clock import Instant

_NAMESPACE = "ZegoTokens"
_KEPT_METRICS = 200  # more than there are metrics and reasons
# The stack's name, so that stacks of one account do not ring each other's alarms.
_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME") or "zego-tokens"

# At DEBUG they log requests and answers, with secrets and data keys. A level of their own keeps them from the
# root logger's; disabling DEBUG keeps their children and stream handlers from it too.
_TALKATIVE = ("boto3", "botocore", "s3transfer", "urllib3")
for _name in _TALKATIVE:
    logging.getLogger(_name).setLevel(logging.INFO)
logging.disable(logging.DEBUG)
# No line says which thread or process wrote it, so nothing looks it up.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

# ASCII only: text that UTF-8 cannot encode would lose the line.
_to_json = partial(json.dumps, default=str, separators=(",", ":"))

logger = Logger(service=_SERVICE, json_serializer=_to_json)


def count(metric: str, **dimensions: str) -> None:
    """Add one to a metric, in CloudWatch's embedded metric format on standard output."""
    head, tail = _around_timestamp(metric, tuple(dimensions.items()))
    sys.stdout.write(f"{head}{int(Instant.now().wall * 1000)}{tail}\n")


@lru_cache(maxsize=_KEPT_METRICS)
def _around_timestamp(metric: str, dimensions: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """A metric's record as Powertools makes it, in two parts: before its timestamp, and after it."""
    one = SingleMetric(namespace=_NAMESPACE)
    one.add_metric(name=metric, unit=MetricUnit.Count, value=1)
    for name, value in (("service", _SERVICE), *dimensions):
        one.add_dimension(name=name, value=value)
    record: Any = one.serialize_metric_set()
    record["_aws"]["Timestamp"] = mark = f"timestamp of {metric}"
    head, _, tail = _to_json(record).partition(_to_json(mark))
    return head, tail
