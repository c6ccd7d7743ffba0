"""Every block of code in the docs: run here, run by another test, or marked with the reason why not.

`test_commands.py` runs the commands, in `make test-all`.
"""

import csv
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO

import pytest

from tests.documentation.markdown import Block, blocks_of, pages
from tests.documentation.shell import COMMANDS, matches
from tests.factories import ROOT, SECRET
from zego_token import generate_token04, room_payload

# What a block shows and nobody runs: output, a drawing, a message.
SHOWN = {"text", "mermaid", "http"}
DATA = {"json", "csv"}
RUN = {"python", *COMMANDS}
PAGES = pages()
# What the code of the docs takes for granted.
GIVEN: dict[str, object] = {
    "secret": SECRET,
    "token": generate_token04(1234567890, "alice", SECRET, 3600, room_payload("demo", publish=True)),
    "claim": "auth0|507f1f77bcf86cd799439011",
    "user_ids": ["alice", "bob"],
    "send": lambda _user_id, _token: None,
}
DECISIONS = "<!-- not run here: why --> or <!-- run by tests/… -->"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def of(page: str, *languages: str) -> list[Block]:
    """The blocks of a page in these languages."""
    return [block for block in blocks_of(page) if block.language in languages]


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_run_or_says_why_not(page: str) -> None:
    undecided = [
        f"{block.place}: name the language (text for output), or write {DECISIONS} before the block"
        for block in blocks_of(page)
        if block.language not in SHOWN | DATA | RUN
        if not block.language or not (block.not_run or block.run_by)
    ]

    assert undecided == []


@pytest.mark.parametrize("page", PAGES)
def test_a_test_that_runs_a_block_exists(page: str) -> None:
    assert [
        block.place for block in blocks_of(page) if block.run_by and not (ROOT / block.run_by).is_file()
    ] == []


@pytest.mark.parametrize("page", [page for page in PAGES if of(page, "python")])
def test_python_prints_what_the_page_says(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a page run one after the other, as in one session in the project's root."""
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {"__name__": "__main__", **GIVEN}
    for block in of(page, "python"):
        if not (block.not_run or block.run_by):
            output = StringIO()
            with redirect_stdout(output):
                exec(compile(block.text, block.place, "exec"), names)  # noqa: S102, the docs' own code

            assert matches(block.prints or "", output.getvalue(), at_any_time=False), (
                f"{block.place}\n{output.getvalue()}"
            )


@pytest.mark.parametrize("page", [page for page in PAGES if of(page, *DATA)])
def test_data_can_be_read(page: str) -> None:
    for block in of(page, "json"):
        assert json.loads(block.text), block.place
    for block in of(page, "csv"):
        header, *rows = csv.reader(StringIO(block.text))
        assert {len(row) for row in rows} == {len(header)}, block.place


@pytest.mark.parametrize("page", [page for page in PAGES if of(page, "sh")])
def test_commands_are_written_as_bash_reads_them(page: str) -> None:
    for block in of(page, "sh"):
        read = subprocess.run(["bash", "-n"], input=block.text, text=True, capture_output=True, check=False)

        assert (read.returncode, read.stderr) == (0, ""), block.place


def make_commands(page: str) -> Iterator[str]:
    """What follows `make` in blocks and in the text of a page, up to whatever ends a command."""
    code = [block.text for block in blocks_of(page) if block.language in COMMANDS]
    text = (ROOT / page).read_text(encoding="utf-8")
    for part in (*code, *re.findall(r"`((?:\w+=\S+ )*make [^`]+)`", text)):
        yield from re.findall(r"(?:^|[\s;&(])make ((?:\"[^\"]*\"|[^\n;|&#)`\"])+)", part)


@pytest.mark.parametrize("page", PAGES)
def test_make_has_the_targets_and_variables_of_the_docs(page: str) -> None:
    for command in make_commands(page):
        target, *arguments = shlex.split(command)
        variables = {name for name, equals, _ in (each.partition("=") for each in arguments) if equals}

        assert target in TARGETS, command
        assert [name for name in variables if not re.search(rf"\b{name}\b", MAKEFILE)] == [], command
