"""Values as people type them."""

import re

from zego_cli.errors import CommandError
from zego_token import MAX_APP_ID, MAX_EXPIRES_AT

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(?:[0-9]{1,10}[smhdw])+")


def parse_duration(text: str) -> int:
    """Seconds, from ``3600``, ``90m``, ``1h`` or ``1h30m``. Raises :class:`CommandError`."""
    if re.fullmatch(r"[0-9]{1,19}", text):
        seconds = int(text)
    elif _DURATION.fullmatch(text):
        seconds = sum(int(part[:-1]) * _UNITS[part[-1]] for part in re.findall(r"[0-9]+[smhdw]", text))
    else:
        raise CommandError(f"--ttl must be a time such as 3600, 90m, 1h or 7d, not {text[:32]!r}")
    if not 1 <= seconds < MAX_EXPIRES_AT // 2:
        raise CommandError("--ttl must be at least one second, and a time that a token can hold")
    return seconds


def parse_app_id(text: str, where: str) -> int:
    """An AppID. Raises :class:`CommandError`, which names ``where`` it was given."""
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 1 <= int(text) <= MAX_APP_ID:
        raise CommandError(f"{where} must be the AppID, a number from 1 to {MAX_APP_ID}, not {text[:32]!r}")
    return int(text)


def in_words(seconds: int) -> str:
    """A distance from now: ``in 2 hours 5 minutes``, ``3 days ago``."""
    amount = _amount(abs(seconds))
    return f"in {amount}" if seconds > 0 else f"{amount} ago" if seconds < 0 else "now"


def _amount(seconds: int) -> str:
    words: list[str] = []
    for name, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count:,} {name}{'' if count == 1 else 's'}")
        elif words:
            break
    return " ".join(words[:2])
