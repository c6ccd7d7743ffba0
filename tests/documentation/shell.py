"""Commands of the docs and the output that they show."""

import re
from collections.abc import Iterator

COMMANDS = ("sh", "console")
_PORT = "3000"
# What differs from run to run.
_VARYING = {
    "nonce": r"(?<=\bnonce\":)\d+|(?<=\bnonce\\\":)\d+",
    "token": r"\b0[34]AAAA[\w+/=]*…?",
    "time": r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d",
    "unix": r"\b1[789]\d{8}\b",
    "took": r"\b[\d,.]+ (?:s|seconds?|minutes?|rows a second)\b",
    "id": r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b",
}


def matches(shown: str, output: str, *, at_any_time: bool = True) -> bool:
    """Whether this output is the one that a page shows. "…" stands for anything, and what varies for its like.

    Code that names its time always shows the same times.
    """
    kinds = _VARYING if at_any_time else {name: _VARYING[name] for name in ("nonce", "token")}

    def uniform(text: str) -> str:
        for name, pattern in kinds.items():
            text = re.sub(pattern, f"<{name}>", text)
        return text.strip()

    parts = uniform(shown).split("…")
    return re.fullmatch(".*?".join(map(re.escape, parts)), uniform(output), re.DOTALL) is not None


def dialogue(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console, which begin with "$ ", each with its output."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        end = next((index for index, line in enumerate(lines) if not line.endswith("\\")), len(lines))
        yield "\n".join(lines[: end + 1]), "\n".join(lines[end + 1 :])


def at_port(text: str, port: int) -> str:
    """A text of the docs for a `make run` on another port than its own."""
    return re.sub(rf"\b(127\.0\.0\.1|localhost):{_PORT}\b", rf"\1:{port}", text)
