"""How commands write to a terminal and to a pipe: emphasis, tables, progress."""

import fcntl
import io
import os
import pty
import struct
import termios
import time
from typing import TextIO

import pytest

from local import terminal
from local.terminal import INTERRUPTED, WIDTH, bold, columns, complain, cut, interruptible, step, table


class Tty(io.StringIO):
    """A terminal of unknown width."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(params=["NO_COLOR", "dumb", "pipe"])
def plain(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> TextIO:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    if request.param == "NO_COLOR":
        monkeypatch.setenv("NO_COLOR", "1")
    elif request.param == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    else:
        return io.StringIO()
    return Tty()


def test_emphasis_is_for_terminals_that_want_it(plain: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bold("text", plain) == "text"
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert bold("text", Tty()) == "\x1b[1mtext\x1b[0m"


def test_a_table_wraps_long_values_and_breaks_no_word() -> None:
    arn = "arn:" + "x" * 100
    lines = table({"a": "word " * 30, "long name": arn, "empty": ""}).splitlines()

    assert lines[0].startswith("  a          word word")
    assert lines[1].startswith("             word")
    assert [line for line in lines if len(line) > WIDTH and arn not in line] == []
    assert f"  long name  {arn}" in lines
    assert lines[-1] == "  empty"


@pytest.mark.parametrize(("text", "shown"), [("abc", "abc"), ("abcd", "ab…"), ("", "")])
def test_text_is_cut(text: str, shown: str) -> None:
    assert cut(text, 3) == shown


def test_the_width_of_a_terminal_is_read() -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as stream, os.fdopen(master):
        assert columns(stream) == WIDTH  # a terminal that does not say it
        terminal_size(slave, 120)
        assert columns(stream) == 120
    assert columns(io.StringIO()) == WIDTH


def terminal_size(descriptor: int, width: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is reported at once, and a second passes at each look at the clock."""
    monkeypatch.setattr(terminal, "_REDRAW_SECONDS", 0.001)
    monkeypatch.setattr(terminal, "_REPORT_SECONDS", 0.001)
    seconds = iter(range(10**6))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(seconds)))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("stream", [Tty(), io.StringIO()])
def test_progress_says_what_is_done_and_for_how_long(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", stream)

    with step("Building") as working:
        working.doing = "the layer " + "x" * 100
        ends_at = time.perf_counter() + 10
        while "the layer" not in stream.getvalue() and time.perf_counter() < ends_at:
            time.sleep(0.001)

    written = stream.getvalue()
    assert ("\r" in written) is stream.isatty()
    lines = written.replace("\x1b[K", "").replace("\r", "\n").splitlines()
    assert max(map(len, lines)) < WIDTH
    assert "  Building: the layer xxx" in written
    assert written.replace("\x1b[K", "").endswith(" s\n")


def test_what_is_quick_leaves_no_trace_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)

    with step("Building"):
        pass

    assert stream.getvalue() == ""


def test_what_fails_is_left_to_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)

    with pytest.raises(ZeroDivisionError), step("Building"):
        raise ZeroDivisionError

    assert stream.getvalue() == ""


def test_lines_are_printed_above_the_progress(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = Tty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", stream)

    with step("Deploying") as working:
        working.say("CREATE_COMPLETE  Table")

    assert capsys.readouterr().out == "CREATE_COMPLETE  Table\n"
    assert stream.getvalue() == "\r\x1b[K" * 2


def test_ctrl_c_ends_a_command_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    def working() -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as stopped:
        interruptible(working)

    assert (stopped.value.code, capsys.readouterr().err) == (INTERRUPTED, "\nStopped.\n")


@pytest.mark.parametrize("stream", [Tty(), io.StringIO()])
def test_an_error_breaks_between_words_on_a_terminal(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", stream)
    text = "CONFIG=prod asks before it changes anything, and there is no terminal. " * 3

    complain(text.strip())

    lines = stream.getvalue().splitlines()
    assert " ".join(lines) == text.strip()
    assert (max(map(len, lines)) < WIDTH) is stream.isatty()
