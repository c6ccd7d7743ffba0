"""`zego-token` in narrow and in wide terminals: nothing is cut, no word is broken, colours suit any ground."""

import io
import re

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tests.factories import APP_ID, SECRET
from zego_cli import commands
from zego_cli.app import app
from zego_cli.doctor import Check
from zego_cli.showing import content_of, findings_of, show_content, show_findings
from zego_token import decode_token, explain, generate_token04

WIDTHS = [40, 80, 120]
TOKEN = generate_token04(APP_ID, "alice", SECRET, 3600)
# Green, yellow and cyan vanish on a light ground, blue on a dark one.
HARD_TO_READ = re.compile(r"\x1b\[[\d;]*\b3[2346]\b")
LONG = Check("token", "problem", "the API answered 500:" + " it is misconfigured" * 5, "Check" + " this" * 30)


def on_terminal(width: int) -> Console:
    return Console(
        file=io.StringIO(), width=width, force_terminal=True, color_system="standard", highlight=False
    )


def lines_of(out: Console) -> list[str]:
    assert isinstance(out.file, io.StringIO)
    text = out.file.getvalue()
    assert not HARD_TO_READ.search(text)
    return re.sub(r"\x1b\[[\d;]*m", "", text).splitlines()


@pytest.mark.parametrize("width", WIDTHS)
def test_an_inspection_fits_the_terminal(width: int) -> None:
    out = on_terminal(width)
    findings = findings_of(explain(TOKEN, SECRET, user_id="bob", room_id="other"))

    show_content(out, content_of(decode_token(TOKEN, SECRET)), now=0)
    show_findings(out, findings)

    lines = lines_of(out)
    assert max(map(len, lines)) <= width
    words = " ".join(" ".join(lines).split())
    for found in findings:
        assert f"{found['sentence']} [{found['code']}] {found['what_to_do']}" in words
    below = lines[lines.index("", 3) + 1 :]
    assert all(line == "" or line[0] in "✗·" or line.startswith("  ") for line in below)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_doctors_checks_fit_the_terminal(width: int) -> None:
    out = on_terminal(width)

    commands._show_check(out, LONG)

    first, *below = lines_of(out)
    assert first.startswith("✗ token: the API answered 500")
    assert all(line.startswith("  ") and len(line) <= width for line in below)


def test_a_pipe_gets_whole_lines() -> None:
    out = Console(file=io.StringIO(), width=80)

    commands._show_check(out, LONG)

    assert lines_of(out) == [f"✗ token: {LONG.detail}", f"  {LONG.what_to_do}"]


@pytest.mark.parametrize("command", ["create", "batch", "inspect", "doctor", "secret put"])
def test_help_cuts_no_option(command: str) -> None:
    shown = CliRunner().invoke(app, [*command.split(), "--help"], terminal_width=50)

    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 50
    assert "…" not in shown.output
    assert "--profile NAME" in shown.output
