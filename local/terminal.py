"""How a command writes to a terminal: width, emphasis, tables, progress. Needs the standard library only.

Emphasis is bold or red, which can be read on light and on dark grounds. Files and pipes get neither, nor does
a terminal where NO_COLOR is set: https://no-color.org
"""

import os
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

WIDTH = 80
INTERRUPTED = 130  # the exit status after Ctrl-C
CLEAR = "\r\x1b[K"  # removes the line that is being overwritten
_INDENT = "  "
_REDRAW_SECONDS = 0.5  # on a terminal
_REPORT_SECONDS = 10.0  # elsewhere, where each report is a line


def is_terminal(stream: TextIO) -> bool:
    """Whether lines written there can be overwritten."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def columns(stream: TextIO) -> int:
    """The columns of a terminal; :data:`WIDTH` where that is unknown."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


def bold(text: str, stream: TextIO) -> str:
    return _emphasised("1", text, stream)


def red(text: str, stream: TextIO) -> str:
    return _emphasised("1;31", text, stream)


def cut(text: str, width: int) -> str:
    """The text in at most ``width`` columns."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def complain(text: str) -> None:
    """Print an error; on a terminal, in lines that break between words."""
    width = columns(sys.stderr) - 1
    is_broken = is_terminal(sys.stderr)
    lines = text.splitlines()
    fitting = (textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in lines)
    print("\n".join(fitting if is_broken else lines), file=sys.stderr)


def table(rows: Mapping[str, str]) -> str:
    """Names and values in two columns. Long values go on in the next line; a word is never broken."""
    column = max(map(len, rows), default=0)
    room = WIDTH - len(_INDENT) * 2 - column
    lines = []
    for name, value in rows.items():
        parts = textwrap.wrap(value, room, break_long_words=False, break_on_hyphens=False) or [""]
        lines += [f"{_INDENT}{name:<{column}}{_INDENT}{parts[0]}".rstrip()]
        lines += [f"{_INDENT}{'':<{column}}{_INDENT}{part}" for part in parts[1:]]
    return "\n".join(lines)


class Step:
    """A piece of work that takes seconds, and what it does at the moment."""

    def __init__(self, title: str, stream: TextIO) -> None:
        self.doing = ""
        self.outcome = ""  # said at the end, before the seconds
        self.title = title
        self._stream = stream
        self._began = time.monotonic()
        self._done = threading.Event()
        self._writing = threading.Lock()
        self._overwrites = is_terminal(stream)

    @property
    def seconds(self) -> int:
        return int(time.monotonic() - self._began)

    def report_until_done(self) -> None:
        while not self._done.wait(_REDRAW_SECONDS if self._overwrites else _REPORT_SECONDS):
            self._write(f"{_INDENT}{self.title}{self.doing and f': {self.doing}'} ({self.seconds} s)")

    def say(self, line: str) -> None:
        """Print a line to standard output, above the progress."""
        with self._writing:
            self._clear()
            print(line, flush=True)

    def end(self, outcome: str) -> None:
        self._done.set()
        with self._writing:
            self._clear()
            if outcome:
                self._stream.write(f"{_INDENT}{self.title}: {outcome}\n")
                self._stream.flush()

    def _write(self, line: str) -> None:
        line = cut(line, columns(self._stream) - 1)
        with self._writing:
            if not self._done.is_set():
                self._stream.write(f"{CLEAR}{line}" if self._overwrites else f"{line}\n")
                self._stream.flush()

    def _clear(self) -> None:
        if self._overwrites:
            self._stream.write(CLEAR)
            self._stream.flush()


@contextmanager
def step(title: str, stream: TextIO | None = None) -> Iterator[Step]:
    """Report how long something takes, while it runs and at its end: on standard error by default."""
    working = Step(title, stream or sys.stderr)
    reporter = threading.Thread(target=working.report_until_done, daemon=True)
    reporter.start()
    end = ""  # what fails says so itself
    try:
        yield working
        took = [f"{working.seconds} s"] if working.seconds else []
        end = ", ".join([*filter(None, [working.outcome]), *took])
    finally:
        working.end(end)
        reporter.join()


def interruptible(main: Callable[[], object]) -> None:
    """Run a command; at Ctrl-C, say so in a line and exit with the usual status."""
    try:
        main()
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _emphasised(code: str, text: str, stream: TextIO) -> str:
    has_colours = is_terminal(stream) and not os.environ.get("NO_COLOR")
    return f"\x1b[{code}m{text}\x1b[0m" if has_colours else text
