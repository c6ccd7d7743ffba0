"""`make help` fits a terminal, and names every command that the Makefile describes."""

import re

from tests.e2e.commands import make, too_long
from tests.factories import ROOT


def test_help_fits_80_columns_and_lists_every_command() -> None:
    shown = make("help").stdout
    described = re.findall(r"^([a-z-]+):.*## (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert too_long(shown) == []
    for name, description in described:
        assert f"{name} {description}" in " ".join(shown.split())
