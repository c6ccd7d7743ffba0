"""A ServerSecret as people store it."""

import json

from zego_token.checks import APP_SIGN_CHARACTERS, SECRET_BYTES
from zego_token.errors import ErrorCode, TokenError


def read_secret(text: str) -> str:
    """The ServerSecret in a stored text: the text itself, or ``{"server_secret": "…"}``.

    A trailing newline is trimmed. Raises :class:`TokenError`, whose message says what is wrong and never
    shows the text.
    """
    secret = _from_json(text) if text.lstrip().startswith("{") else text
    secret = secret.removesuffix("\n").removesuffix("\r")
    size = len(secret.encode("utf-8", "surrogatepass"))
    if secret != secret.strip():
        raise _malformed(f"it has white space at its start or end ({size} bytes with it)")
    if len(secret) == APP_SIGN_CHARACTERS:
        raise _malformed("it has 64 characters: this is the AppSign, not the ServerSecret")
    if size != SECRET_BYTES:
        raise _malformed(f"it is {size} bytes long; a ServerSecret has {SECRET_BYTES}")
    return secret


def _from_json(text: str) -> str:
    try:
        secret = json.loads(text).get("server_secret")
    except (ValueError, RecursionError):
        secret = None
    if not isinstance(secret, str):
        raise _malformed('it looks like JSON, but is not {"server_secret": "…"}')
    return secret


def _malformed(fault: str) -> TokenError:
    return TokenError(ErrorCode.SECRET_INVALID, fault, "secret")
