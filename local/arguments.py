"""The variables of make's commands, read from the environment: a wrong one stops a command with one line."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

DEFAULT_PORT, MAX_PORT = 3000, 65_535
_YES = {"1", "yes", "y", "true", "on"}
_NO = {"", "0", "no", "n", "false", "off"}


class ArgumentError(ValueError):
    """A variable's value is wrong; the message says what it must be."""


def shown(text: str) -> str:
    """A typed value, escaped for an error of one line."""
    return text if text.isprintable() else repr(text)


def yes_or_no(environment: Mapping[str, str], name: str) -> bool:
    """What a switch says: 1 and yes are on; 0, no and nothing are off. Raises :class:`ArgumentError`."""
    text = environment.get(name, "").strip().lower()
    if text not in _YES | _NO:
        raise ArgumentError(f"{name}={shown(environment[name])} must be 1 (yes) or 0 (no).")
    return text in _YES


def whole_number(environment: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    """A number in digits; the default where the variable is empty. Raises :class:`ArgumentError`."""
    text = environment.get(name, "").strip()
    if not text:
        return default
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    if not is_number or not least <= int(text) <= most:
        raise ArgumentError(f"{name}={shown(text)} must be a number from {least} to {most}.")
    return int(text)


def port_of(environment: Mapping[str, str]) -> int:
    """PORT, 3000 by default; 0 is any free port. Raises :class:`ArgumentError`."""
    return whole_number(environment, "PORT", DEFAULT_PORT, least=0, most=MAX_PORT)


@contextmanager
def stopping() -> Iterator[None]:
    """End the command with the line of an :class:`ArgumentError`."""
    try:
        yield
    except ArgumentError as error:
        sys.exit(str(error))
