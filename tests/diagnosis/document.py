"""`make diagnosis`: writes the tables of docs/diagnosis.md from the mistakes that the tests make."""

from collections.abc import Iterator

from tests.diagnosis.made import NOW
from tests.diagnosis.mistakes import MISTAKES, Mistake
from tests.factories import ROOT
from zego_token import CLIENT_ERRORS, Finding, explain

FILE = ROOT / "docs" / "diagnosis.md"


def main() -> None:
    FILE.write_text(document(FILE.read_text(encoding="utf-8")), encoding="utf-8")


def document(text: str) -> str:
    """The document with its tables as they must be."""
    for name, rows in (("mistakes", mistakes_table()), ("codes", codes_table())):
        before, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        text = "".join((before, mark, *(f"{row}\n" for row in rows), end, after))
    return text


def first_finding(mistake: Mistake) -> Finding:
    return explain(mistake.token, mistake.secret, **{"now": NOW, **mistake.asked})[0]


def mistakes_table() -> Iterator[str]:
    yield "| how it comes about | code | what `explain` says | what to do | client error codes |"
    yield "|---|---|---|---|---|"
    for mistake in MISTAKES:
        found = first_finding(mistake)
        codes = ", ".join(map(str, found.client_error_codes))
        cells = (mistake.how, f"`{found.code}`", found.sentence, found.what_to_do, codes)
        yield f"| {' | '.join(map(_cell, cells))} |"


def codes_table() -> Iterator[str]:
    causes: dict[int, list[str]] = {code: [] for code in CLIENT_ERRORS}
    for found in map(first_finding, MISTAKES):
        for code in found.client_error_codes:
            causes[code].append(f"`{found.code}`")
    yield "| code | SDK | meaning | findings that cause it |"
    yield "|---|---|---|---|"
    for code, error in sorted(CLIENT_ERRORS.items()):
        yield f"| {code} | {error.sdk} | {error.meaning} | {', '.join(dict.fromkeys(causes[code]))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")


if __name__ == "__main__":
    main()
