"""The commands of the docs, typed as printed, in a copy of the project with a `make run` beside it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local.aws import DEMO_APP_ID, DEMO_SECRET
from tests.cli.running import environment as without_keys
from tests.documentation.markdown import Block, blocks_of, pages
from tests.documentation.shell import COMMANDS, at_port, dialogue, matches
from tests.e2e.commands import Running, make_run
from tests.factories import ROOT
from zego_token import generate_token04, room_payload

pytestmark = [
    pytest.mark.exploration,
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]


def run_here(page: str) -> list[Block]:
    """The commands of a page that this module runs."""
    return [
        block
        for block in blocks_of(page)
        if block.language in COMMANDS and not (block.not_run or block.run_by)
    ]


# README.zh-CN.md has the same blocks as README.md, see test_translation.py.
PAGES = [page for page in pages() if page != "README.zh-CN.md" and run_here(page)]
# Files that commands of the docs name, as the pages describe them.
FILES = {
    "seats.csv": "user_id,room_id,publish\nalice,demo,true\nbob,demo,false\n",
    "secret.txt": f"{DEMO_SECRET}\n",
    "roster.csv": (
        "user_id,room_id,login,publish,stream_ids,starts_at,ends_at\n"
        "alice,maths,true,true,,2026-12-01T09:00:00Z,2026-12-01T10:30:00Z\n"
        "CAMPUS\\ann,maths,true,true,,2026-12-01T09:00:00Z,2026-12-01T10:30:00Z\n"
        "bob,maths,true,true,,2026-12-01T10:30:00Z,2026-12-01T09:00:00Z\n"
    ),
}
# An answer with an error is no success, as it is none to who reads the docs.
WRAPPERS = {
    "zego-token": f'exec {sys.executable} -m zego_cli "$@"',
    "curl": f'exec {shutil.which("curl")} $CURL_FAILS "$@"',
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as links, so that what commands write stays out of it."""
    folder = tmp_path_factory.mktemp("clone")
    for path in ROOT.iterdir():
        if path.name != ".git":
            (folder / path.name).symlink_to(path)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "bin").mkdir()
    for name, command in WRAPPERS.items():
        wrapper = folder / "bin" / name
        wrapper.write_text(f"#!/bin/sh\n{command}\n")
        wrapper.chmod(0o755)
    return folder


@dataclass
class Served:
    """The `make run` of a page, which has answered nothing before, and one that requires a JWT."""

    running: ExitStack
    _by_option: dict[str, Running] = field(default_factory=dict)

    def for_command(self, command: str) -> tuple[str, Mapping[str, str]]:
        """A command for the one that it is meant for, and the JWTs that it may name."""
        if "127.0.0.1:3000" not in command:
            return command, {}
        option = "JWT=1" if "_JWT" in command else "JWT=0"
        if option not in self._by_option:
            self._by_option[option] = self.running.enter_context(make_run(option))
        server = self._by_option[option]
        names = ("USER_JWT", "BACKEND_JWT") if option == "JWT=1" else ()
        return at_port(command, server.port), {name: server.jwt(name) for name in names}


@pytest.fixture
def served() -> Iterator[Served]:
    with ExitStack() as running:
        yield Served(running)


@pytest.fixture
def shell(clone: Path) -> Mapping[str, str]:
    """The environment that the docs assume: an app's keys, and a token of alice's."""
    token = generate_token04(DEMO_APP_ID, "alice", DEMO_SECRET, 3600, room_payload("demo", publish=True))
    variables = without_keys(
        PATH=f"{clone / 'bin'}{os.pathsep}{os.environ['PATH']}",
        ZEGO_APP_ID=str(DEMO_APP_ID),
        ZEGO_SERVER_SECRET=DEMO_SECRET,
        TOKEN=token,
        COLUMNS="80",
    )
    # As in a new shell: an outer make would have the inner one name its folder.
    return {name: value for name, value in variables.items() if not name.startswith(("MAKE", "MFLAGS"))}


def typed(command: str, clone: Path, shell: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=clone,
        env=shell,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        start_new_session=True,  # so that nothing asks at a terminal
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work_as_printed(
    page: str, served: Served, clone: Path, shell: Mapping[str, str]
) -> None:
    """One after the other, as somebody who reads the page types them."""
    for block in run_here(page):
        if block.language == "sh":
            command, jwts = served.for_command(block.text)
            done = typed(command, clone, {**shell, **jwts, "CURL_FAILS": "--fail-with-body"})

            assert done.returncode == 0, f"{block.place}\n{done.stdout}{done.stderr}"
            assert block.prints is None or matches(block.prints, done.stdout), f"{block.place}\n{done.stdout}"
        else:
            check_dialogue(block, served, clone, shell)


def check_dialogue(block: Block, served: Served, clone: Path, shell: Mapping[str, str]) -> None:
    for shown_command, shown in dialogue(block.text):
        command, jwts = served.for_command(shown_command)
        done = typed(command, clone, {**shell, **jwts, "CURL_FAILS": ""})
        # Spaces that a table ends with are not in the page, nor make's own word on a status.
        output = re.sub(r"[ \t]+$|^make: .*$", "", done.stdout + done.stderr, flags=re.MULTILINE)

        assert matches(shown, output), f"{block.place}: {shown_command}\n{output}"
