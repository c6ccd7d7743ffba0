"""docs/diagnosis.md has the tables that the code makes."""

import re

from tests.diagnosis.document import FILE, document
from tests.diagnosis.mistakes import MISTAKES
from zego_token import CLIENT_ERRORS


def test_the_tables_are_up_to_date() -> None:
    text = FILE.read_text(encoding="utf-8")

    assert document(text) == text  # else: make diagnosis


def test_the_tables_have_a_row_for_each_mistake_and_each_code() -> None:
    text = FILE.read_text(encoding="utf-8")

    assert len(MISTAKES) >= 16
    for mistake in MISTAKES:
        assert f"| {mistake.how} | `{mistake.code}` |" in text
    for code in CLIENT_ERRORS:
        assert len(re.findall(rf"^\| {code} \| ", text, re.MULTILINE)) == 1
