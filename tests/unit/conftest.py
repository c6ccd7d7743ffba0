"""Unit tests touch no network: a socket is an error."""

from collections.abc import Iterator

import pytest

from tests.aes_packages import COMBINATIONS, installed


@pytest.fixture(autouse=True)
def _no_network(socket_disabled: None) -> None:
    del socket_disabled


@pytest.fixture(params=COMBINATIONS, ids=lambda packages: " and ".join(sorted(packages)))
def aes_packages(request: pytest.FixtureRequest) -> Iterator[frozenset[str]]:
    """The packages for AES that are installed: both, or one of them."""
    with installed(request.param):
        yield request.param
