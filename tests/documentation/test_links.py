"""Links inside the repository lead somewhere, and tests that the docs name are there."""

import re
from urllib.parse import unquote

import pytest

from tests.documentation.markdown import anchors_of, links_of, pages
from tests.factories import ROOT

OUTSIDE = ("https://", "mailto:", "http://127.0.0.1:")
TESTS: dict[str, str] = {}  # the docs name them without their folder, of which two may have one of that name
for path in (ROOT / "tests").rglob("test_*.py"):
    TESTS[path.name] = TESTS.get(path.name, "") + path.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", pages())
def test_links_lead_to_files_and_headings_that_exist(page: str) -> None:
    broken = []
    for link in links_of(page):
        if link.target.startswith(OUTSIDE):
            continue
        file, _, anchor = unquote(link.target).partition("#")
        target = ((ROOT / page).parent / file).resolve() if file else (ROOT / page).resolve()
        known = target.is_relative_to(ROOT) and target.exists()
        if known and anchor and target.suffix == ".md":
            known = anchor in anchors_of(target.relative_to(ROOT).as_posix())
        if not known:
            broken.append(f"{page}:{link.line}: {link.target}")

    assert broken == []


@pytest.mark.parametrize("page", pages())
def test_tests_that_are_named_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    missing = [name for name in re.findall(r"\btest_\w+\.py\b", text) if name not in TESTS]
    functions = [
        f"{file}::{name}"
        for file, name in re.findall(r"\b(test_\w+\.py)::(test_\w+)", text)
        if f"def {name}(" not in TESTS.get(file, "")
    ]

    assert missing + functions == []


@pytest.mark.parametrize("page", pages())
def test_every_page_of_docs_is_in_the_index(page: str) -> None:
    if page.startswith("docs/") and page != "docs/README.md":
        target = page.removeprefix("docs/")
        indexed = {link.target.partition("#")[0] for link in links_of("docs/README.md")}

        assert target in indexed or target.startswith("decisions/")
