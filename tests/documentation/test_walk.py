"""docs/walk.md is what `make walk` writes."""

import re

from tests.documentation.walk import PAGE, STEPS, page


def test_the_page_is_what_the_command_writes() -> None:
    text = PAGE.read_text(encoding="utf-8")
    took = [float(seconds) for seconds in re.findall(r" \| ([\d.]+) \|$", text, re.MULTILINE)]
    ((day, machine),) = re.findall(r"Measured by `make walk` on (\S+) \((.+?)\)\.", text)

    assert len(took) == len(STEPS)
    assert page(took, day, machine) == text
