"""Unit tests touch no network: a socket is an error."""

import pytest


@pytest.fixture(autouse=True)
def _no_network(socket_disabled: None) -> None:
    del socket_disabled
