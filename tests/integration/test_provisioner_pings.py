"""The provisioner answers warm-up pings and empty test events, and stores nothing."""

from typing import Any

import pytest

from tests.deployment import Deployment
from tests.output import Written
from tests.pings import NO_PINGS, PINGS


@pytest.mark.parametrize("event", PINGS, ids=str)
def test_the_provisioner_answers_a_ping_quietly(
    deployment: Deployment, event: dict[str, Any], written: Written
) -> None:
    answer = deployment(event)

    assert (answer["statusCode"], answer["body"]) == (200, '{"status": "ok"}')
    assert written() == ""
    assert (deployment.rows(), deployment.objects(), deployment.emitted()) == ([], {}, [])


@pytest.mark.parametrize("event", NO_PINGS, ids=str)
def test_the_provisioner_rejects_anything_more(deployment: Deployment, event: Any) -> None:
    assert deployment(event)["outcome"] == "rejected"
    assert len(deployment.objects("rejected/")) == 1
