"""`zego-token inspect`: what is in a token, what is wrong with it, and the exit status."""

import json

import pytest

from tests.cli.conftest import Command
from tests.cli.running import piped
from tests.diagnosis.mistakes import MISTAKES, Mistake, kit
from tests.factories import APP_ID, OTHER_SECRET, SECRET
from zego_token import Cipher, generate_token04, room_payload


def made(user_id: str = "alice", *, publish: bool = True, cipher: Cipher = Cipher.GCM) -> str:
    return generate_token04(
        APP_ID, user_id, SECRET, 3600, room_payload("demo", publish=publish), cipher=cipher
    )


@pytest.mark.parametrize("cipher", list(Cipher))
def test_a_right_token(with_key: Command, cipher: Cipher) -> None:
    ended = with_key("inspect", made(cipher=cipher), "--user", "alice", "--room", "demo")

    lines = [line.split() for line in ended.out.splitlines()]
    assert (ended.status, ended.err) == (0, "")
    assert ["user", "id", "alice"] in lines
    assert ["privilege", "login:", "yes,", "publish:", "yes"] in lines
    assert any(line[:2] == ["expires", "at"] and line[4:6] == ["UTC,", "in"] for line in lines)
    assert "Nothing is wrong with it." in ended.out


def test_what_is_wrong_is_told_with_status_1(with_key: Command) -> None:
    ended = with_key("inspect", made(), "--user", "bob", "--app-id", "1")

    assert ended.status == 1
    assert "The token is for AppID 1234567890, not for 1." in ended.out
    assert "The token is for user 'alice', not for 'bob'." in ended.out
    assert "1002077" in ended.out


def test_a_note_alone_is_status_0(with_key: Command) -> None:
    ended = with_key("inspect", made(publish=False))

    assert ended.status == 0
    assert "[publish-denied]" in ended.out


TYPED = [
    mistake
    for mistake in MISTAKES
    if isinstance(mistake.token, str)
    and isinstance(mistake.secret, str)
    and mistake.asked.keys() <= {"product"}
]


@pytest.mark.parametrize("mistake", TYPED, ids=lambda mistake: mistake.how)
def test_each_mistake(command: Command, monkeypatch: pytest.MonkeyPatch, mistake: Mistake) -> None:
    monkeypatch.setenv("ZEGO_SERVER_SECRET", str(mistake.secret) or " ")
    options = ("--product", mistake.asked["product"]) if mistake.asked else ()

    ended = command("inspect", *options, "--json", "--", str(mistake.token))

    findings = json.loads(ended.out)["findings"]
    assert mistake.code in [found["code"] for found in findings]
    assert ended.status == int(any(found["severity"] == "error" for found in findings))


def test_json(with_key: Command) -> None:
    ended = with_key("inspect", made("bob"), "--json", "--user", "alice")

    answer = json.loads(ended.out)
    assert (answer["token"]["user_id"], answer["token"]["privilege"]) == (
        "bob",
        {"login": True, "publish": True},
    )
    assert [found["code"] for found in answer["findings"]] == ["other-user"]


def test_without_a_secret_the_outside_is_judged(command: Command) -> None:
    ended = command("inspect", made())
    refused = command("inspect", kit(token=made()), "--no-secret")

    assert ended.status == 0
    assert "Without the ServerSecret" in ended.err
    assert "expires at" in ended.out
    assert (refused.status, "[kit-token]" in refused.out) == (1, True)


def test_another_secret(with_key: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEGO_SERVER_SECRET", OTHER_SECRET)

    ended = with_key("inspect", made(cipher=Cipher.CBC))

    assert (ended.status, "[secret-wrong]" in ended.out) == (1, True)
    assert OTHER_SECRET not in ended.out + ended.err


def test_standard_input() -> None:
    right = piped("inspect", "-", given=f"{made()}\n", ZEGO_SERVER_SECRET=SECRET)
    spaced = piped("inspect", "-", given=f" {made()}\n\n", ZEGO_SERVER_SECRET=SECRET)
    binary = piped("inspect", "-", given="\x00\x1b[31m", ZEGO_SERVER_SECRET=SECRET)

    assert (right.returncode, right.stderr) == (0, "")
    assert (spaced.returncode, "[whitespace]" in spaced.stdout) == (1, True)
    assert (binary.returncode, "[not-a-token]" in binary.stdout) == (1, True)
    assert "\x1b" not in right.stdout + binary.stdout


def test_nothing_in_a_token_reaches_the_terminal_unescaped(with_key: Command) -> None:
    evil = "\x1b]0;title\x07\u202e[bold]x"
    token = generate_token04(APP_ID, evil, SECRET, 3600, '{"x": "\x1b[2J"}'.replace("\x1b", "\\u001b"))

    ended = with_key("inspect", token, "--user", "\x1b[31mred")

    assert not {"\x1b", "\x07", "\u202e"} & set(ended.out + ended.err)
    assert "[bold]x" in ended.out
