"""Findings, and the words that they are made of."""

from dataclasses import dataclass

from zego_token.diagnosis.content_entries import CONTENT_ENTRIES
from zego_token.diagnosis.entries import Entry, Severity
from zego_token.diagnosis.text_entries import TEXT_ENTRIES

# All findings that there are. What must be right first comes first.
CATALOGUE: dict[str, Entry] = TEXT_ENTRIES | CONTENT_ENTRIES
_SHOWN_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a token, or worth knowing.

    ``code`` is stable. ``client_error_codes`` are those that ZEGO's SDKs raise because of it; empty where
    none is known. ``severity`` is ``note`` where ZEGO does not refuse a login because of it.
    """

    code: str
    sentence: str
    what_to_do: str
    client_error_codes: tuple[int, ...]
    severity: Severity = "error"


_RANKS = {code: rank for rank, code in enumerate(CATALOGUE)}


def finding(code: str, /, codes: tuple[int, ...] = (), **values: object) -> Finding:
    """The finding of a code; ``codes`` are client error codes that come before those of the catalogue."""
    entry = CATALOGUE[code]
    return Finding(
        code=code,
        sentence=entry.sentence.format(**values),
        what_to_do=entry.what_to_do.format(**values),
        client_error_codes=tuple(dict.fromkeys((*codes, *entry.client_error_codes))),
        severity=entry.severity,
    )


def likeliest_first(findings: list[Finding]) -> list[Finding]:
    """The findings in the catalogue's order, each once."""
    return sorted(dict.fromkeys(findings), key=lambda found: _RANKS[found.code])


def shown(text: str) -> str:
    """A value of a token, short, on one line and without characters that a terminal would obey."""
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")


_NAMES = {
    "str": "a string",
    "int": "an integer",
    "float": "a number with a fraction",
    "bool": "true or false",
    "NoneType": "null",
    "dict": "an object",
    "list": "a list",
    "bytes": "bytes",
}


def kind_of(value: object) -> str:
    """What a value is, in words."""
    name = type(value).__name__
    return _NAMES.get(name, f"of the type {name[:_SHOWN_CHARACTERS]}")
