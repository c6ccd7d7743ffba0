"""The text that was given as a token: what else it is, and what happened to it on its way."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

from zego_token.diagnosis.findings import Finding, finding, kind_of
from zego_token.wire import VERSION_03, VERSION_04

_MAX_CHARACTERS = 200_000  # the longest token has 174,784
_MAX_REPAIRS = 10
_QUOTES = "\"'`\\\u2018\u2019\u201c\u201d\u00ab\u00bb<>()[],;"
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060"  # what str.strip() leaves
_NOTHING = {"", "undefined", "null", "none", "nil", "nan", "[object object]", "true", "false", "{}", "[]"}
_JWT = re.compile(r"eyJ[\w-]*(\.[\w-]*){1,4}", re.ASCII)
_APP_SIGN = re.compile(r"[0-9A-Fa-f]{64}")
_SECRET = re.compile(r"[0-9A-Za-z]{32}")
_PREFIX = re.compile(
    r"(?:(?:authorization|bearer|token|zego[_-]?token|kit[_-]?token|access[_-]?token)[\"']?\s*[:=]?\s*[\"']?)+",
    re.IGNORECASE,
)
_LINK = re.compile(r"[?&#][\w-]*token=([^&\s]+)", re.IGNORECASE)
_PERCENT = re.compile(r"%(?:25)*(?:2[bBfF3]|3[dD])")
_VERSIONS = (VERSION_03, VERSION_04)


class Text(NamedTuple):
    """A text as it was before it was damaged; None where it is no token at all."""

    token: str | None
    kit_part: str | None
    findings: list[Finding]


def read_text(token: object, secret: object, product: str) -> Text:
    """Undo what happened to a token on its way, and tell other texts apart."""
    if isinstance(token, bytes | bytearray):
        text = bytes(token[: _MAX_CHARACTERS + 1]).decode("latin-1")
        return _read(text, secret, product, [finding("token-not-text", found="bytes")])
    if token is None:
        return Text(None, None, [finding("token-missing", found="None")])
    if not isinstance(token, str):
        return Text(None, None, [finding("token-not-text", found=kind_of(token))])
    return _read(str.__str__(token), secret, product, [])


def _read(text: str, secret: object, product: str, findings: list[Finding]) -> Text:
    if len(text) > _MAX_CHARACTERS:
        return Text(None, None, [finding("token-too-long", size=len(text))])
    kit_part = None
    for _ in range(_MAX_REPAIRS):
        other = _other_text(text, secret)
        if other is not None:
            return Text(None, kit_part, [*findings, other])
        found = next(((code, new) for code, repair in _REPAIRS if (new := repair(text)) != text), None)
        if found is not None:
            findings.append(finding(found[0]))
            text = found[1]
        elif "#" in text:
            text, _, kit_part = text.partition("#")
            if product != "uikit":
                findings.append(finding("kit-token"))
        else:
            break
    return Text(text, kit_part, findings)


def _other_text(text: str, secret: object) -> Finding | None:
    """The finding for a text that is something else than a token."""
    if text.strip().lower() in _NOTHING:
        return finding("token-missing", found=repr(text.strip()[:20]) if text.strip() else "empty")
    if _JWT.fullmatch(text):
        return finding("jwt")
    if _APP_SIGN.fullmatch(text):
        return finding("app-sign")
    if _SECRET.fullmatch(text) or (isinstance(secret, str) and text == secret):
        return finding("server-secret")
    return None


def without_space_around(text: str) -> str:
    """Text without white space around it, and without characters that nobody sees."""
    return text.strip().strip(_UNSEEN).strip()


def _token_of_answer(text: str) -> str:
    if not text.startswith(("{", "[")):
        return text
    try:
        return _token_in(json.loads(text)) or text
    except (ValueError, RecursionError):
        return text


def _token_in(answer: Any) -> str | None:
    """The token in an answer, which may be inside of another member, as in ``{"data": {"token": …}}``."""
    for _ in range(3):
        if isinstance(answer, list) and answer:
            answer = answer[0]
        if not isinstance(answer, dict):
            break
        for name in ("token", "kit_token", "kitToken", "Token"):
            if isinstance(answer.get(name), str) and answer[name]:
                return str(answer[name])
        answer = next((value for value in answer.values() if isinstance(value, dict | list)), None)
    return None


def _unquoted(text: str) -> str:
    bare = text[1:] if text[:2] in ("b'", 'b"') else text  # as Python writes bytes
    inner = bare.strip(_QUOTES)
    return inner.replace("\\/", "/").replace("\\u003d", "=").replace("\\u002b", "+").replace("\\n", "")


def _without_prefix(text: str) -> str:
    link = _LINK.search(text) if "=" in text and not text.startswith(_VERSIONS) else None
    if link is not None:
        return link[1]
    match = _PREFIX.match(text)
    return text[match.end() :] if match else text


def _url_decoded(text: str) -> str:
    if not _PERCENT.search(text):
        return text
    decoded = text
    for _ in range(3):
        decoded = unquote(decoded)
    return decoded


def _without_lines(text: str) -> str:
    return re.sub(r"[\r\n\t\v\f]+ *", "", text)


def _plus_for_space(text: str) -> str:
    return text.replace(" ", "+") if text.startswith(_VERSIONS) else text


def _standard_alphabet(text: str) -> str:
    if not text.startswith(_VERSIONS) or "#" in text:
        return text
    return text.translate({ord("-"): "+", ord("_"): "/"})


# Each returns the text as it is where it finds nothing.
_REPAIRS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("whitespace", without_space_around),
    ("json-answer", _token_of_answer),
    ("quoted", _unquoted),
    ("prefixed", _without_prefix),
    ("url-encoded", _url_decoded),
    ("whitespace", _without_lines),
    ("url-damaged", _plus_for_space),
    ("base64url", _standard_alphabet),
)
