"""Inspections of tokens, without the wait that makes all answers take as long."""

import pytest

from zego_service.issuing import inspecting


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "EVEN_SECONDS", 1e-6)
