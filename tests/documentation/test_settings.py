"""docs/settings.md says what the template and the code have."""

import re
from dataclasses import fields

from tests.documentation.markdown import pages
from tests.documentation.settings import FILE, page, parameters_of_variables
from tests.factories import ROOT
from tests.infrastructure.cloudformation import template
from zego_service.settings import Settings, variable_of

TEXT = FILE.read_text(encoding="utf-8")


def test_the_page_is_what_the_command_writes() -> None:
    assert TEXT.splitlines() == list(page()), "run `make settings`"


def test_it_has_every_parameter_and_every_variable() -> None:
    named = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)

    assert named == [*template()["Parameters"], *(variable_of(field.name) for field in fields(Settings))]


def test_what_a_parameter_sets_is_a_setting() -> None:
    variables = {variable_of(field.name) for field in fields(Settings)}

    assert {name for name in parameters_of_variables() if name.startswith("ZEGO_")} <= variables


def test_no_other_page_lists_them() -> None:
    """Where a default is stated twice, one of the two becomes wrong."""
    tables = [
        f"{path.name}: {row}"
        for path in (ROOT / "docs").glob("*.md")
        if path != FILE
        for row in re.findall(r"^\| `(ZEGO_\w+)` \|", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]

    assert tables == []


def test_a_default_that_a_page_repeats_is_the_right_one() -> None:
    """A page writes it in parentheses after the name."""
    defaults = {name: str(each.get("Default", "")) for name, each in template()["Parameters"].items()}
    defaults |= {variable_of(field.name): str(field.default) for field in fields(Settings)}
    repeated = [
        (page, name, number)
        for page in pages()
        for name, number in re.findall(r"`(\w+)` \((\d+)\)", (ROOT / page).read_text(encoding="utf-8"))
        if name in defaults
    ]

    assert repeated
    assert [each for each in repeated if defaults[each[1]] != each[2]] == []
