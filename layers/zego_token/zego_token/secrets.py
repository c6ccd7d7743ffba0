"""A ServerSecret as people store it."""

import json
import re
import unicodedata
from typing import Any

from zego_token.checks import APP_SIGN_CHARACTERS, SECRET_BYTES
from zego_token.errors import ErrorCode, TokenError

_NAMES = (
    *("server_secret", "ServerSecret", "serverSecret", "SERVER_SECRET"),
    *("zego_server_secret", "ZegoServerSecret", "zegoServerSecret", "ZEGO_SERVER_SECRET"),
)
_QUOTES = "\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb"
# A line of an .env file or of YAML. The value is long, so that base64's padding is none.
_ASSIGNMENT = re.compile(r"(export\s+)?[A-Za-z_][\w.-]*\s*[=:]\s*.{8,}", re.ASCII)
_MOST_SHOWN = 8
_LONGEST_SHOWN = 24  # a longer name may be the secret itself, in the wrong place


def read_secret(text: str) -> str:
    """The ServerSecret in a stored text: the text itself, or JSON such as ``{"server_secret": "…"}``.

    In JSON, the key may be written in any of the usual ways, each also with ``zego`` in front. A trailing
    newline is trimmed. Raises :class:`TokenError`, whose message says what is wrong and never shows the text.
    """
    if text.startswith("\ufeff"):
        raise _malformed("it begins with a byte order mark; save it as UTF-8 without one")
    secret = _from_json(text) if text.lstrip().startswith("{") else text
    secret = secret.removesuffix("\n").removesuffix("\r")
    size = len(secret.encode("utf-8", "surrogatepass"))
    if secret != secret.strip():
        raise _malformed(f"it has white space at its start or end ({size} bytes with it)")
    _check_characters(secret)
    if len(secret) == APP_SIGN_CHARACTERS:
        raise _malformed("it has 64 characters: this is the AppSign, not the ServerSecret")
    if size != SECRET_BYTES:
        if _ASSIGNMENT.fullmatch(secret):
            raise _malformed("it looks like KEY=value; store the value alone")
        raise _malformed(f"it is {size} bytes long; a ServerSecret has {SECRET_BYTES}")
    return secret


def _check_characters(secret: str) -> None:
    hidden = next((character for character in secret if not character.isprintable()), None)
    if hidden is not None:
        name = unicodedata.name(hidden, "CONTROL CHARACTER")
        raise _malformed(f"it has an invisible character, U+{ord(hidden):04X} {name}")
    if secret and (secret[0] in _QUOTES or secret[-1] in _QUOTES):
        raise _malformed("it is in quotation marks; store it without them")


def _from_json(text: str) -> str:
    try:
        pairs: Any = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError):
        raise _malformed('it looks like JSON, but is not {"server_secret": "…"}') from None
    found = [(name, value) for name, value in pairs if name in _NAMES]
    if not found:
        raise _malformed(f'it is JSON without the key "server_secret"; it has {_shown(pairs)}')
    if len(found) > 1:
        raise _malformed(f"it is JSON with several secrets: {', '.join(name for name, _ in found)}; keep one")
    ((name, value),) = found
    if not isinstance(value, str):
        raise _malformed(f'"{name}" in this JSON is not a string')
    return value


def _shown(pairs: list[tuple[str, object]]) -> str:
    names = [
        f'"{name}"'
        if len(name) <= _LONGEST_SHOWN and name.isprintable()
        else f"a key of {len(name)} characters"
        for name, _ in pairs[:_MOST_SHOWN]
    ]
    more = f" and {len(pairs) - _MOST_SHOWN} more" if len(pairs) > _MOST_SHOWN else ""
    return ", ".join(names) + more if names else "no keys"


def _malformed(fault: str) -> TokenError:
    return TokenError(ErrorCode.SECRET_INVALID, fault, "secret")
