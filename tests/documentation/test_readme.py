"""README.md: short, in order, and true where it states a number or a list."""

import json
import re
import tomllib

import pytest

import zego_token
from tests.documentation.markdown import headings_of
from tests.factories import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENT = json.loads((ROOT / "functions/token_api/openapi.json").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def cells(section: str, column: int) -> list[str]:
    """The words in backticks in a column of the tables of a section."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\|(.+)\|$", text, re.MULTILINE)
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row.split("|")[column])]


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_it_is_short(page: str) -> None:
    assert len((ROOT / page).read_text(encoding="utf-8").splitlines()) < 250


def test_its_sections_are_in_the_order_in_which_a_stranger_needs_them() -> None:
    assert [heading for level, heading in headings_of("README.md") if level == 2] == [
        "Try it in a minute",
        "Put it into your app",
        "Call it from your backend",
        "Let users call it",
        "Deploy",
        "The API at a glance",
        "Scheduled rooms",
        "Library and command line",
        "Coming from ZEGO's sample",
        "When a token is refused",
        "Platforms",
        "Contributing, security, license",
    ]


def test_the_table_of_the_answer_has_every_field_of_a_token_for_a_room() -> None:
    answer = DOCUMENT["components"]["schemas"]["IssuedToken"]["required"]

    assert sorted(cells("Try it in a minute", 0)) == sorted(answer)


def test_the_table_of_the_api_has_every_operation() -> None:
    assert sorted(cells("The API at a glance", 0)) == sorted(
        f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods
    )


def test_the_count_of_official_tokens_is_that_of_the_vectors() -> None:
    lines = (ROOT / "tests/vectors/official_tokens.jsonl").read_text(encoding="utf-8").splitlines()
    languages = {json.loads(line)["lang"] for line in lines}

    assert f"{len(lines):,} tokens of ZEGO's own generators in {len(languages)} languages" in README


def test_prices_are_those_of_the_page_on_cost() -> None:
    page = (ROOT / "docs/cost.md").read_text(encoding="utf-8")
    (million, fixed) = re.findall(r"about \*\*([\d.]+) dollars\*\*.*?costs ([\d.]+) dollars a month", page)[0]

    assert re.findall(r"([\d.]+) dollars", README) == [million, fixed]


def test_ratios_are_those_of_the_page_on_performance() -> None:
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    ratios = re.findall(r"([\d.]+) times", README)

    assert ratios
    assert [ratio for ratio in ratios if f"| {ratio} |" not in page] == []


def test_badges_are_true() -> None:
    minors = sorted(int(minor) for minor in re.findall(r"Python :: 3\.(\d+)", str(PROJECT["classifiers"])))
    true = {
        "license": PROJECT["license"],
        "python": f"3.{minors[0]} to 3.{minors[-1]}",
        "version": zego_token.__version__,
    }

    for name, value in true.items():
        assert f">{value}</text>" in (ROOT / f"docs/images/{name}.svg").read_text(encoding="utf-8")
        assert f": {value}](docs/images/{name}.svg)" in README


def test_secrets_are_never_on_a_command_line() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        assert not re.search(r"(?<![\w`$])ZEGO_SERVER_SECRET=\S", path.read_text(encoding="utf-8")), path
