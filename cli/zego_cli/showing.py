"""How tokens and findings look in a terminal, and in a pipe."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from zego_cli.values import in_words
from zego_token import DecodedToken, Finding

PIPE_COLUMNS = 120  # where there is no terminal to measure
# Readable on light and on dark grounds.
GOOD, BAD, OPEN = "bold", "bold red", "bold magenta"
_MARK_WIDTH = 2


def console(*, stderr: bool = False) -> Console:
    """A console that writes colours to a terminal only, and never guesses at markup in values."""
    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=False)
    if not made.is_terminal:
        made.width = PIPE_COLUMNS
    return made


def content_of(token: DecodedToken) -> dict[str, Any]:
    """The fields of a token, as ``--json`` prints them."""
    return {
        "version": token.version,
        "cipher": token.cipher.value,
        "app_id": token.app_id,
        "user_id": token.user_id,
        "room_id": token.room_id,
        "privilege": _privilege(token.privilege),
        "issued_at": token.created_at,
        "expires_at": token.expires_at,
        "payload": token.payload,
    }


def findings_of(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The findings, as ``--json`` prints them."""
    return [asdict(found) for found in findings]


def show_content(out: Console, content: dict[str, Any], now: int) -> None:
    """A table of a token's fields, with times in words."""
    table = Table.grid(padding=(0, 2))
    for name, value in content.items():
        if value is None or (name == "payload" and (value == "" or content.get("room_id"))):
            continue
        table.add_row(Text(name.replace("_", " "), style="bold"), Text(_shown(name, value, now)))
    out.print(table)


def show_findings(out: Console, findings: list[dict[str, Any]]) -> None:
    """Each finding with what to do, the likeliest first."""
    for found in findings:
        mark, style = ("✗", BAD) if found["severity"] == "error" else ("·", OPEN)
        sentence = Text(safe(found["sentence"]), style="bold")
        out.print()
        show_marked(
            out, Text(mark, style=style), sentence.append(f"  [{found['code']}]", style="not bold dim")
        )
        show_marked(out, Text(" "), Text(safe(found["what_to_do"])))
        codes = ", ".join(map(str, found["client_error_codes"]))
        if codes:
            show_marked(out, Text(" "), Text(f"SDKs raise {codes}", style="dim"))


def show_marked(out: Console, mark: Text, text: Text) -> None:
    """A mark and a text, which goes on below its begin on a terminal, and stays one line in a pipe."""
    lines = text.wrap(out, max(out.width - _MARK_WIDTH, 1)) if out.is_terminal else [text]
    for number, line in enumerate(lines):
        line.rstrip()
        out.print(Text.assemble(" " if number else mark, " ", line), soft_wrap=True)


def safe(text: str) -> str:
    """Text without characters that a terminal would obey."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def time_in_words(seconds: int, now: int) -> str:
    """``2026-11-25 12:00:00 UTC, in 1 hour``."""
    try:
        moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return f"{seconds}, which is not a time"
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC, {in_words(seconds - now)}"


def _shown(name: str, value: Any, now: int) -> str:
    if name in ("issued_at", "expires_at"):
        return time_in_words(value, now)
    if name == "privilege":
        return ", ".join(f"{right}: {'yes' if allowed else 'no'}" for right, allowed in value.items())
    return safe(str(value))


def _privilege(privilege: dict[int, int] | None) -> dict[str, bool] | None:
    if privilege is None:
        return None
    return {"login": privilege.get(1) == 1, "publish": privilege.get(2) == 1}
