"""The token API answers warm-up pings and empty test events, and nothing is counted."""

from typing import Any

import pytest

from tests.api import Answer, Api
from tests.factories import FakeContext
from tests.output import Written
from tests.pings import NO_PINGS, PINGS


@pytest.mark.parametrize("event", PINGS, ids=str)
def test_the_token_api_answers_a_ping_quietly(api: Api, event: dict[str, Any], written: Written) -> None:
    answer = Answer(api._handler(event, FakeContext()))

    assert (answer.status, answer.json) == (200, {"status": "ok"})
    assert written() == ""


@pytest.mark.parametrize("event", NO_PINGS, ids=str)
def test_the_token_api_refuses_anything_more(api: Api, event: Any) -> None:
    assert api(event).status == 401
