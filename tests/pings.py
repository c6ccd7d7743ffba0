"""Events that ask for nothing, and events that look like them."""

from typing import Any

PINGS: list[dict[str, Any]] = [
    {},
    {"source": "serverless-plugin-warmup"},
    {"source": "serverless-plugin-warmup", "extra": {"a": 1}},
    {"source": "aws.events"},
    {"warmer": True, "concurrency": 3},
    {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-11-22T10:00:00Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:events:eu-central-1:123456789012:rule/warm"],
        "detail": {},
    },
    {"detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": "{}"},
]
NO_PINGS: list[Any] = [
    None,
    [],
    "",
    {"source": 5},
    {"source": None},
    {"warmer": "true"},
    {"source": "com.example.booking", "detail-type": "Zego Room Scheduled"},
    {"source": "com.example.booking", "detail": {}},
    {"source": "com.example.booking", "detail-type": "Scheduled Event", "detail": {}},
    {"source": "aws.events", "Records": []},
    {"key1": "value1"},
]
