"""`zego-token` in a terminal: the hidden question, colours, progress, Ctrl-C; and none of that in pipes."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.running import COMMAND, environment, in_terminal, piped
from tests.factories import APP_ID, SECRET
from zego_token import __version__, explain, generate_token04

ESCAPE = "\x1b["
APP = {"ZEGO_APP_ID": str(APP_ID)}


def test_the_secret_is_asked_for_and_not_shown() -> None:
    with in_terminal("create", "alice", **APP) as terminal:
        terminal.wait_for(lambda screen: "ServerSecret: " in screen)
        terminal.type(f"{SECRET}\n")
        status = terminal.end()

    token = terminal.screen.split()[-1]
    assert (status, explain(token, SECRET)) == (0, [])
    assert SECRET not in terminal.screen


def test_a_wrong_secret_and_no_secret_are_told() -> None:
    for typed, words in (("short\n", "5 bytes long"), ("\x04", "no secret was typed")):
        with in_terminal("create", "alice", **APP) as terminal:
            terminal.wait_for(lambda screen: "ServerSecret: " in screen)
            terminal.type(typed)
            assert terminal.end() == 3
        assert words in terminal.screen


def test_ctrl_c_ends_it() -> None:
    with in_terminal("create", "alice", **APP) as terminal:
        terminal.wait_for(lambda screen: "ServerSecret: " in screen)
        terminal.type("\x03")
        assert terminal.end() == 130
    assert "Traceback" not in terminal.screen


def test_sigterm_ends_it(tmp_path: Path) -> None:
    fifo = tmp_path / "seats.csv"
    os.mkfifo(fifo)
    # The file opens when the command opens it, too.
    with in_terminal("batch", str(fifo), **APP) as terminal, fifo.open("w"):
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end() == 130
    assert "Traceback" not in terminal.screen


def test_colours_are_for_terminals() -> None:
    token = generate_token04(APP_ID, "alice", SECRET, 3600)
    arguments = ("inspect", token, "--user", "bob")

    with in_terminal(*arguments, ZEGO_SERVER_SECRET=SECRET) as terminal:
        assert terminal.end() == 1
    with in_terminal(*arguments, ZEGO_SERVER_SECRET=SECRET, NO_COLOR="1") as plain:
        assert plain.end() == 1
    in_pipe = piped(*arguments, ZEGO_SERVER_SECRET=SECRET)

    assert f"{ESCAPE}1;31m" in terminal.screen
    assert f"{ESCAPE}1;31m" not in plain.screen
    assert ESCAPE not in in_pipe.stdout + in_pipe.stderr
    assert in_pipe.returncode == 1


def test_an_inspection_may_go_without_a_secret() -> None:
    token = generate_token04(APP_ID, "alice", SECRET, 3600)
    with in_terminal("inspect", token) as terminal:
        terminal.wait_for(lambda screen: "leave empty to go without" in screen)
        terminal.type("\n")
        assert terminal.end() == 0
    assert "Without the ServerSecret" in terminal.screen


def test_progress_is_for_terminals(tmp_path: Path) -> None:
    seats = tmp_path / "seats.csv"
    seats.write_text("user_id\n" + "".join(f"user-{number}\n" for number in range(600)))

    with in_terminal("batch", str(seats), **APP, ZEGO_SERVER_SECRET=SECRET) as terminal:
        assert terminal.end() == 0
    in_pipe = piped("batch", str(seats), **APP, ZEGO_SERVER_SECRET=SECRET)

    assert "/600" in terminal.screen
    assert in_pipe.stderr == "600 tokens; 0 rows were wrong.\n"
    assert len(in_pipe.stdout.splitlines()) == 601


def test_a_pipe_that_closes_early_is_no_error(tmp_path: Path) -> None:
    seats = tmp_path / "seats.csv"
    seats.write_text("user_id\n" + "".join(f"user-{number}\n" for number in range(5000)))
    with subprocess.Popen(
        [*COMMAND, "batch", str(seats)],
        env=environment(**APP, ZEGO_SERVER_SECRET=SECRET),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        assert process.wait(60) != 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_get_completion(shell: str) -> None:
    # given: a shell that is named, since tests run in none that Typer could detect
    shown = piped("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")

    assert (shown.returncode, "zego-token" in shown.stdout) == (0, True)


def test_the_version(command: Command) -> None:
    assert command("--version") == (0, f"zego-token {__version__}\n", "")


def test_help_names_the_exit_statuses() -> None:
    shown = piped("--help")

    assert shown.returncode == 0
    assert "Exit statuses: 0 done" in " ".join(shown.stdout.split())
