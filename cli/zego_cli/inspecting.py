"""`zego-token inspect`: what is in a token, and what is wrong with it."""

import sys
import time
from dataclasses import dataclass
from typing import Any

from zego_cli.errors import CommandError
from zego_cli.service import Service
from zego_cli.showing import content_of, findings_of
from zego_token import TokenError, decode_token, explain, header_expires_at

_MOST_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class Inspection:
    """The token's fields, as far as they are readable, and the findings, the likeliest first."""

    content: dict[str, Any] | None
    findings: list[dict[str, Any]]
    opened_with_secret: bool
    now: int

    @property
    def is_wrong(self) -> bool:
        """Whether something is wrong, not only worth knowing."""
        return any(found["severity"] == "error" for found in self.findings)


def token_of(argument: str) -> str:
    """The token that is given; ``-`` stands for standard input. Raises :class:`CommandError`."""
    if argument != "-":
        return argument
    data = sys.stdin.buffer.read(_MOST_CHARACTERS + 1)
    if len(data) > _MOST_CHARACTERS:
        raise CommandError("standard input is too long for a token")
    # One newline at the end is the pipe's, not the token's.
    return data.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def inspect_here(token: str, secret: str | None, compared_with: dict[str, Any]) -> Inspection:
    """Inspect a token with a secret, or from outside."""
    now = int(time.time())
    findings = explain(token, secret, **compared_with, now=now)
    bare = token.partition("#")[0].strip()
    content = _opened(bare, secret)
    if content is None:
        try:
            content = {"version": bare[:2], "expires_at": header_expires_at(bare)}
        except TokenError:
            content = None
        return Inspection(content, findings_of(findings), opened_with_secret=False, now=now)
    return Inspection(content, findings_of(findings), opened_with_secret=True, now=now)


def inspect_there(token: str, service: Service, compared_with: dict[str, Any]) -> Inspection:
    """Ask a service, which knows the secret, and the previous one."""
    body = {name: value for name, value in compared_with.items() if value is not None}
    if not token:
        raise CommandError("TOKEN is empty")
    answer = service.post("/v1/tokens/inspect", {"token": token, **body})
    content, findings = answer.get("token"), answer.get("findings")
    if not isinstance(findings, list) or not (content is None or isinstance(content, dict)):
        raise CommandError(f"{service.url} answered something else; is it a ZEGO token service?")
    if content is not None:
        content.pop("expires_in", None)
    return Inspection(content, findings, content is not None, int(time.time()))


def _opened(token: str, secret: str | None) -> dict[str, Any] | None:
    try:
        return None if secret is None else content_of(decode_token(token, secret.strip()))
    except TokenError:
        return None
