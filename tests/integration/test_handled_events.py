"""What the token API answers, logs and counts for each sample event, field by field, as it was recorded.

After a change that is meant, record it anew: RECORD=1 .venv/bin/python -m pytest tests/integration/test_handled_events.py
"""

import json
import os
from typing import Any

import pytest

from tests.api import Api
from tests.factories import ROOT, sample_event
from tests.output import Written

RECORDED = ROOT / "tests" / "vectors" / "handled_events.json"
EVENTS = sorted(
    path.stem
    for path in (ROOT / "events").glob("*.json")
    if path.stem.startswith(("http", "rest", "function"))
)
# What differs between two runs, says where in the code a line was written, or is prose.
VARYING = {
    "token",
    "token_fingerprint",
    "issued_at",
    "expires_at",
    "refresh_after",
    "timestamp",
    "Timestamp",
    "location",
    "cold_start",
    "detail",
}


def masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: f"<{type(part).__name__}>" if name in VARYING else masked(part)
            for name, part in value.items()
        }
    return [masked(part) for part in value] if isinstance(value, list) else value


def handled(api: Api, name: str, written: Written) -> dict[str, Any]:
    answer = api(sample_event(name))
    lines = [json.loads(line) for line in written().splitlines()]
    return {
        "status": answer.status,
        "headers": answer.headers,
        "body": masked(answer.json),
        "logs": [masked(line) for line in lines if "_aws" not in line],
        "metrics": [masked(line) for line in lines if "_aws" in line],
    }


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_answered_logged_and_counted_as_recorded(api: Api, name: str, written: Written) -> None:
    recorded = json.loads(RECORDED.read_text()) if RECORDED.is_file() else {}

    found = handled(api, name, written)

    if os.environ.get("RECORD"):
        RECORDED.write_text(json.dumps({**recorded, name: found}, indent=1, sort_keys=True) + "\n")
    else:
        assert found == recorded[name]
