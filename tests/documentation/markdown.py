"""The project's Markdown pages: their headings, links, tables and blocks of code."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.factories import ROOT

_FOLDERS = (
    "",
    "docs",
    "docs/decisions",
    "benchmarks",
    "layers/zego_token",
    ".github",
    ".github/ISSUE_TEMPLATE",
)
_NOT_RUN = re.compile(r"<!-- not run here: (?P<reason>\S.*?) -->")
_RUN_BY = re.compile(r"<!-- run by (?P<test>tests/\S+) -->")
_PRINTS = ("prints", "输出")


@dataclass(frozen=True)
class Block:
    """A block of code. ``prints`` is the output that the page shows for it, if any."""

    page: str
    line: int
    language: str
    text: str
    not_run: str
    run_by: str
    prints: str | None

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Link:
    """A link, or an image, and the line of its paragraph."""

    page: str
    line: int
    target: str


def pages() -> list[str]:
    """The Markdown files of the project, by their paths."""
    found = (path for folder in _FOLDERS for path in (ROOT / folder).glob("*.md"))
    examples = (ROOT / "examples").glob("*/*.md")
    written = (path.relative_to(ROOT).as_posix() for path in (*found, *examples))
    return sorted(path for path in written if not path.endswith(".template.md"))


@cache
def tokens_of(page: str) -> tuple[Token, ...]:
    """The parts of a page."""
    return tuple(MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text(encoding="utf-8")))


def blocks_of(page: str) -> Iterator[Block]:
    """The blocks of code of a page, in order."""
    tokens = tokens_of(page)
    for index, token in enumerate(tokens):
        if token.type in ("fence", "code_block"):
            before = tokens[index - 1].content if index and tokens[index - 1].type == "html_block" else ""
            not_run, run_by = _NOT_RUN.search(before), _RUN_BY.search(before)
            yield Block(
                page,
                (token.map or [0])[0] + 1,
                token.info.strip(),
                token.content,
                not_run["reason"] if not_run else "",
                run_by["test"] if run_by else "",
                _printed(tokens[index + 1 : index + 5]),
            )


def _printed(following: Sequence[Token]) -> str | None:
    """The output after a block: a block of text after the one word "prints"."""
    kinds = [token.type for token in following]
    if kinds == ["paragraph_open", "inline", "paragraph_close", "fence"]:
        word, output = following[1].content, following[3]
        if word in _PRINTS and output.info.strip() == "text":
            return output.content
    return None


def links_of(page: str) -> Iterator[Link]:
    """The links and images of a page."""
    for token in tokens_of(page):
        for target in re.findall(
            r"(?:href|src|srcset)=\"([^\"]+)\"", token.content * (token.type == "html_block")
        ):
            yield Link(page, (token.map or [0])[0] + 1, target)
        for child in token.children or ():
            target = child.attrGet("href") if child.type == "link_open" else child.attrGet("src")
            if target is not None:
                yield Link(page, (token.map or [0])[0] + 1, str(target))


def headings_of(page: str) -> list[tuple[int, str]]:
    """Level and text of each heading of a page, in order."""
    tokens = tokens_of(page)
    return [
        (int(token.tag[1]), tokens[index + 1].content)
        for index, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def anchors_of(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    seen: dict[str, int] = {}
    anchors = set()
    for _, heading in headings_of(page):
        text = re.sub(r"[^\w\- ]", "", _plain(heading).lower()).replace(" ", "-")
        count = seen[text] = seen.get(text, -1) + 1
        anchors.add(f"{text}-{count}" if count else text)
    return anchors


def _plain(heading: str) -> str:
    return re.sub(r"\[([^]]*)]\([^)]*\)", r"\1", heading)


def tables_of(page: str) -> list[list[int]]:
    """The number of cells in each row, of each table of a page."""
    tables: list[list[int]] = []
    for token in tokens_of(page):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append(0)
        elif token.type in ("th_open", "td_open"):
            tables[-1][-1] += 1
    return tables
