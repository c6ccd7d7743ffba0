"""The entry point of `zego-token`: exit statuses, Ctrl-C and closed pipes."""

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from zego_cli.errors import INTERRUPTED, USAGE, CommandError

_NEEDED = (
    "zego-token needs Typer and Rich: pip install 'zego-token[cli]', or pip install '.[cli]' in a clone."
)


def main() -> NoReturn:
    """Run the command line and exit."""
    sys.exit(run())


def run() -> int:
    """Run the command line, and return its exit status."""
    try:
        from zego_cli.app import app
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("typer", "rich"):
            raise
        print(_NEEDED, file=sys.stderr)
        return USAGE
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = _status_of(lambda: app(prog_name="zego-token"))
        sys.stdout.flush()
    except CommandError as error:
        print(f"zego-token: {error}", file=sys.stderr)
        return error.status
    except BrokenPipeError:  # such as after `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERRUPTED
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED
    return status


def _status_of(command: Callable[[], object]) -> int:
    """The exit status of a command; Typer always exits."""
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0
