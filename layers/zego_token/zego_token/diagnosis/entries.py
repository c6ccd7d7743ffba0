"""What a finding says."""

from typing import Literal, NamedTuple

Severity = Literal["error", "note"]


class Entry(NamedTuple):
    """What a finding says, with places for values."""

    sentence: str
    what_to_do: str
    client_error_codes: tuple[int, ...] = ()
    severity: Severity = "error"
