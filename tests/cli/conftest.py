"""`zego-token` in this process, which starts faster."""

import signal
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from tests.factories import APP_ID, SECRET
from zego_cli import keys
from zego_cli.entry import run


class Ended(NamedTuple):
    status: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Call it with arguments, for what the command wrote and its exit status."""
    handler = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(keys, "can_ask", lambda: False)
    for name in ("ZEGO_APP_ID", "ZEGO_SERVER_SECRET"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> Ended:
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["zego-token", *arguments])
            status = run()
        return Ended(status, *capsys.readouterr())

    yield call
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def with_key(monkeypatch: pytest.MonkeyPatch, command: Command) -> Command:
    """The same, with an AppID and a ServerSecret in the environment."""
    monkeypatch.setenv("ZEGO_APP_ID", str(APP_ID))
    monkeypatch.setenv("ZEGO_SERVER_SECRET", SECRET)
    return command
