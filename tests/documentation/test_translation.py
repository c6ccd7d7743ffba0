"""README.zh-CN.md says what README.md says: the same headings, code, links and tables."""

import re

from tests.documentation.markdown import blocks_of, headings_of, links_of, tables_of
from tests.factories import ROOT

ENGLISH, CHINESE = "README.md", "README.zh-CN.md"


def code_in(page: str) -> list[str]:
    """What stands in backticks in the text, sorted: a sentence may have another order."""
    text = re.sub(
        r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    return sorted(re.findall(r"`([^`\n]+)`", text))


def numbers_in(page: str) -> list[str]:
    """The numbers outside of code, sorted."""
    text = re.sub(
        r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    return sorted(re.findall(r"\d[\d,.]*\d|\d", re.sub(r"`[^`\n]+`|\]\([^)]*\)", "", text)))


def test_headings_are_equal_in_count_and_level() -> None:
    assert [level for level, _ in headings_of(CHINESE)] == [level for level, _ in headings_of(ENGLISH)]


def test_blocks_of_code_are_equal() -> None:
    def shown(page: str) -> list[tuple[str, str, str, str]]:
        return [
            (block.language, block.text, block.not_run, block.run_by)
            for block in blocks_of(page)
            if block.language != "mermaid"
        ]

    assert shown(CHINESE) == shown(ENGLISH)


def test_drawings_have_the_same_parts() -> None:
    def parts(page: str) -> list[list[str]]:
        drawings = [block.text for block in blocks_of(page) if block.language == "mermaid"]
        return [re.findall(r"^ +(\w+)|-> (\w+)", drawing, re.MULTILINE) for drawing in drawings]

    assert parts(CHINESE) == parts(ENGLISH) != []


def test_tables_have_the_same_shape() -> None:
    assert tables_of(CHINESE) == tables_of(ENGLISH)


def test_links_lead_to_the_same_pages() -> None:
    english = sorted(link.target for link in links_of(ENGLISH) if link.target != CHINESE)

    assert sorted(link.target for link in links_of(CHINESE) if link.target != ENGLISH) == english


def test_names_and_numbers_are_equal() -> None:
    assert code_in(CHINESE) == code_in(ENGLISH)
    assert numbers_in(CHINESE) == numbers_in(ENGLISH)
