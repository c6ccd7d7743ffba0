"""Structured logs and CloudWatch metrics. No secret, token, IV or plaintext is ever passed to either."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

_NAMESPACE = "ZegoTokens"
_SERVICE = "zego-tokens"

logger = Logger(service=_SERVICE)


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
