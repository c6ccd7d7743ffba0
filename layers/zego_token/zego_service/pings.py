"""Pings that keep a function warm, and empty test events: answered, and otherwise without any effect.

Sources: https://github.com/juanjoDiaz/serverless-plugin-warmup, https://github.com/jeremydaly/lambda-warmer,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
"""

from collections.abc import Mapping
from typing import Any

_SCHEDULED = "Scheduled Event"
_SCHEDULERS = ("aws.events", "aws.scheduler")  # EventBridge's rules, and its Scheduler
# What makes an event more than a ping.
_WORK = {
    "detail-type",
    "detail",
    "Records",
    "requestContext",
    "httpMethod",
    "rawPath",
    "BatchInput",
    "begin",
    "tolerated_bad_percent",
}


def is_ping(event: object) -> bool:
    """Whether an event asks for nothing: it is ``{}``, it names a source alone, or a schedule sent it."""
    if not isinstance(event, Mapping):
        return False
    source = event.get("source")
    if event.get("detail-type") == _SCHEDULED:
        return source in _SCHEDULERS
    is_named = isinstance(source, str) or event.get("warmer") is True
    return not event or (is_named and not _WORK & event.keys())


def pong() -> dict[str, Any]:
    """The answer to a ping, as a proxy response."""
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "body": '{"status": "ok"}',
        "isBase64Encoded": False,
    }
