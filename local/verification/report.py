"""What was seen, as a file to attach to an issue. It holds no secret, no token, no id of app or account."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.verification.cases import CASES, Seen, judge
from zego_cli.doctor import Check

_TOKEN = re.compile(r"0[34]A[\w+/=]{16,}")  # its base64 may have slashes
_LONG_WORD = re.compile(r"[^\s/|]{32,}")  # a ServerSecret has 32 characters
_ACCOUNT = re.compile(r"\b\d{12}\b")


@dataclass
class Report:
    """A run of `make verify-live`. ``about`` says where it ran; ``hidden`` is left out wherever it stands."""

    path: Path
    about: Mapping[str, str]
    hidden: Sequence[str] = field(repr=False)
    checks: list[Check] = field(default_factory=list)
    seen: dict[str, Seen] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether every case was tried."""
        return len(self.seen) == len(CASES)

    @property
    def has_tokens(self) -> bool:
        """Whether the doctor got a token."""
        return any(check.name == "token" and check.state == "ok" for check in self.checks)

    @property
    def is_good(self) -> bool:
        """Whether all was as it must be. Alarms may notify nobody: the stack is a trial."""
        wrong = [check for check in self.checks if check.state == "problem" and check.name != "alarms"]
        return (
            not wrong
            and self.is_complete
            and all(self._verdict(case.name)[0] == "as expected" for case in CASES)
        )

    def write(self) -> None:
        """Write the file anew."""
        self.path.write_text(self.safe(str(self)), encoding="utf-8")

    def safe(self, text: str) -> str:
        """The text without what is hidden, account numbers and words as long as a secret."""
        for value in self.hidden:
            text = text.replace(value, "…") if value else text
        for pattern in (_TOKEN, _LONG_WORD, _ACCOUNT):
            text = pattern.sub("…", text)
        return text

    def line(self, name: str) -> str:
        """One case in one line, for the terminal."""
        verdict, hint = self._verdict(name)
        title = next(case.title for case in CASES if case.name == name)
        return f"{title}: {verdict}{f' ({self._saw(name)}). {hint}' if hint else ''}"

    def __str__(self) -> str:
        lines = ["# Verification against AWS and ZEGO", ""]
        lines += [f"- {name}: {value}" for name, value in self.about.items()]
        lines += ["", "## The deployment", "", "| check | result | found |", "|---|---|---|"]
        lines += [f"| {check.name} | {check.state} | {_cell(check.detail)} |" for check in self.checks]
        lines += ["", "## Rooms at ZEGO", "", "| case | must happen | seen | result |", "|---|---|---|---|"]
        for case in CASES:
            must, verdict = ", ".join(filter(None, case.expected)), self._verdict(case.name)[0]
            lines.append(f"| {case.title} | {must} | {self._saw(case.name)} | {verdict} |")
        return "\n".join(lines) + "\n"

    def _verdict(self, name: str) -> tuple[str, str]:
        seen = self.seen.get(name)
        case = next(case for case in CASES if case.name == name)
        return ("not tried", "") if seen is None else judge(case, seen)

    def _saw(self, name: str) -> str:
        seen = self.seen.get(name)
        if seen is None:
            return ""
        steps = [(seen.login, seen.login_code), (seen.then, seen.then_code)]
        words = [f"{step}{f' {code}' if code else ''}" for step, code in steps if step]
        return f"{', '.join(words)} after {seen.seconds} s"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
