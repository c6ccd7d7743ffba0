"""The variables of make's commands: switches, numbers, and the errors of wrong ones."""

import errno
import os
from pathlib import Path

import pytest

from benchmarks.generators import checkout_of
from local.arguments import ArgumentError, port_of, stopping, whole_number, yes_or_no
from local.run import listen


@pytest.mark.parametrize(
    ("text", "on"),
    [("1", True), ("yes", True), ("YES", True), ("true", True), ("on", True), (" 1 ", True),
     ("", False), ("0", False), ("no", False), ("False", False), ("off", False), (" ", False)],
)  # fmt: skip
def test_a_switch_is_on_or_off(text: str, on: bool) -> None:
    assert yes_or_no({"JWT": text}, "JWT") is on
    assert yes_or_no({}, "JWT") is False


@pytest.mark.parametrize("text", ["2", "maybe", "11", "-1", "yes!", "\x1b[1m"])
def test_a_wrong_switch_is_explained(text: str) -> None:
    with pytest.raises(ArgumentError, match=r"^JWT=.+ must be 1 \(yes\) or 0 \(no\)\.$") as raised:
        yes_or_no({"JWT": text}, "JWT")

    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    ("text", "port"), [("", 3000), ("0", 0), ("65535", 65535), (" 80 ", 80), ("03000", 3000)]
)
def test_a_port_is_a_number(text: str, port: int) -> None:
    assert port_of({"PORT": text}) == port
    assert port_of({}) == 3000


@pytest.mark.parametrize(
    "text", ["abc", "-1", "65536", "99999", "1.5", "1e3", "٣", "0x50", "9" * 5000, "30 00"]
)
def test_a_wrong_port_is_explained(text: str) -> None:
    with pytest.raises(ArgumentError, match=r"^PORT=.+ must be a number from 0 to 65535\.$"):
        port_of({"PORT": text})


def test_numbers_keep_to_their_bounds() -> None:
    assert whole_number({"N": "5"}, "N", 1, least=5, most=7) == 5
    assert whole_number({"N": "7"}, "N", 1, least=5, most=7) == 7
    for text in ("4", "8"):
        with pytest.raises(ArgumentError, match=f"^N={text} must be a number from 5 to 7"):
            whole_number({"N": text}, "N", 1, least=5, most=7)


def test_the_official_generators_are_a_checkout(tmp_path: Path) -> None:
    (tmp_path / "token").mkdir()

    assert checkout_of({}) is None
    assert checkout_of({"OFFICIAL": str(tmp_path)}) == tmp_path
    with pytest.raises(ArgumentError, match=r"^OFFICIAL=none must be a checkout"):
        checkout_of({"OFFICIAL": "none"})


def test_a_wrong_variable_ends_a_command_with_its_line() -> None:
    with pytest.raises(SystemExit, match="PORT=abc must be"), stopping():
        port_of({"PORT": "abc"})


@pytest.mark.parametrize(("port", "other"), [(3000, 3001), (65535, 3000)])
def test_another_port_is_named_where_one_is_taken(
    port: int, other: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: object, **__: object) -> None:
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))

    monkeypatch.setattr("socket.create_server", taken)

    with pytest.raises(SystemExit) as stopped:
        listen(port)

    assert stopped.value.code == (
        f"Port {port} cannot be used: {os.strerror(errno.EADDRINUSE)}.\nChoose another: make run PORT={other}"
    )


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(SystemExit, match=r"^203\.0\.113\.9 port 0 cannot be used: [^\n]+\.$"):
        listen(0, "203.0.113.9")
