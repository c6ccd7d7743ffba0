"""The names of fields: which are required, which are known, and what a mistyped one was meant to be."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from zego_service.errors import InvalidRequestError

_MAX_SHOWN_CHARACTERS = 64
_LIKENESS = 0.7  # from which on a name is taken for a known one that was mistyped


def check_known(names: Iterable[object], known: Collection[str], what: str = "field") -> None:
    """Refuse unknown names, so that a typo cannot change what is asked for."""
    for name in names:
        if name not in known:
            raise unknown(str(name), known, what)


def unknown(name: str, known: Collection[str], what: str = "field") -> InvalidRequestError:
    """The error for a name that no field has. It names the field that was probably meant."""
    meant = nearest(name, known)
    hint = f"; did you mean {meant}?" if meant else ""
    return InvalidRequestError(f"this {what} is not known{hint}", shown(name))


def unique(pairs: Iterable[tuple[str, Any]], what: str = "field") -> dict[str, Any]:
    """The members of a JSON object or of a query string. A second one of a name is refused.

    Two readers may not agree on which of the two counts.
    """
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise InvalidRequestError(f"a {what} must not be given twice", shown(name))
        members[name] = value
    return members


def shown(name: str) -> str:
    """A name from outside, short enough to be sent back."""
    return name if len(name) <= _MAX_SHOWN_CHARACTERS else name[:_MAX_SHOWN_CHARACTERS] + "…"


def required(fields: Mapping[str, Any], name: str) -> Any:
    """The value of a field that must be there."""
    if name not in fields:
        raise InvalidRequestError(f"{name} is required", name)
    return fields[name]


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that a mistyped one resembles, whatever its case, dashes and underscores."""
    if len(name) > _MAX_SHOWN_CHARACTERS:
        return None
    from difflib import get_close_matches  # which only a mistyped name needs

    plain = {_plain(field): field for field in sorted(known)}
    nearest = get_close_matches(_plain(name), plain, n=1, cutoff=_LIKENESS)
    return plain[nearest[0]] if nearest else None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
