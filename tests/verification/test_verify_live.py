"""What `make verify-live` says and asks before it does anything."""

import socket
from pathlib import Path

import pytest

from local import verify_live
from local.deployment.parameters import Parameters
from local.verification.cases import CASES
from local.verify_live import DOLLARS_A_MONTH, STACK, main, wanted_of
from tests.factories import APP_ID, ROOT

VARIABLES = (
    "APP_ID",
    "REGION",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "STACK",
    "PARAMS",
    "PORT",
    "SECRET_FILE",
    "YES",
    "CLEAN",
)


class _Untouched:
    def __init__(self, *_: object) -> None:
        raise AssertionError("AWS was used")


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return Parameters.of_template(ROOT / "template.yaml")  # which takes a second


@pytest.fixture(autouse=True)
def nothing_is_touched(monkeypatch: pytest.MonkeyPatch, parameters: Parameters) -> None:
    monkeypatch.setattr(Parameters, "of_template", lambda _path: parameters)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(verify_live, "Account", _Untouched)
    monkeypatch.setattr("subprocess.run", _Untouched)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"YES": "maybe"}, "YES=maybe must be 1 (yes) or 0 (no)."),
        ({"CLEAN": "all"}, "CLEAN=all must be 1 (yes), 0 (no) or only."),
        ({"PORT": "abc"}, "PORT=abc must be a number"),
        ({"APP_ID": "12x"}, "APP_ID=12x must be a number from 1 to 4294967295."),
        ({"REGION": "nowhere"}, "REGION=nowhere must be the name of a region"),
        ({"STACK": "1st"}, "STACK=1st must begin with a letter"),
        ({"STACK": "zego-tokens-prod"}, "STACK=zego-tokens-prod is the stack of CONFIG=prod"),
        ({"PARAMS": "TokenCypher=cbc"}, "do you mean TokenCipher?"),
    ],
)
def test_a_wrong_argument_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variables: dict[str, str],
    message: str,
) -> None:
    for name, value in {"APP_ID": str(APP_ID), "YES": "1", **variables}.items():
        monkeypatch.setenv(name, value)

    assert main() == 1

    written = capsys.readouterr()
    assert written.out == ""
    assert message in written.err
    assert written.err.count("\n") == 1


def test_without_a_yes_it_says_what_it_would_do_and_cost_and_does_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APP_ID", str(APP_ID))

    assert main() == 1

    written = capsys.readouterr()
    assert f"deploys the stack {STACK} to AWS" in written.out
    assert f"{DOLLARS_A_MONTH} dollars a month" in written.out
    assert f"costs {DOLLARS_A_MONTH} dollars a month" in (ROOT / "docs/cost.md").read_text(encoding="utf-8")
    assert "ZEGO bills these minutes" in written.out
    assert "CLEAN=1 deletes it at the end." in written.out
    assert max(map(len, written.out.splitlines())) <= 80
    assert written.err == "Nothing was done. Say YES=1 to do it.\n"


@pytest.mark.parametrize("answer", ["", "n", "no", "yess"])
def test_any_answer_but_yes_does_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    monkeypatch.setenv("APP_ID", str(APP_ID))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: answer)

    assert main() == 1
    assert capsys.readouterr().out.endswith("Nothing was done.\n")


def test_cleaning_alone_asks_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CLEAN", "only")

    assert main() == 1

    written = capsys.readouterr()
    assert f"deletes the stack {STACK}, its table, its bucket and its secret" in written.out
    assert written.err == "Nothing was done. Say YES=1 to do it.\n"


def test_a_yes_reaches_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ID", str(APP_ID))
    monkeypatch.setenv("YES", "1")

    with pytest.raises(AssertionError, match="AWS was used"):
        main()


def test_a_port_that_is_taken_stops_it_before_anything_is_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_live, "Account", lambda _region: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for name, value in {"APP_ID": str(APP_ID), "YES": "1", "PORT": str(port)}.items():
            monkeypatch.setenv(name, value)

        with pytest.raises(SystemExit, match=rf"(?s)Port {port} cannot be used: .*: make verify-live PORT="):
            main()


def test_the_deployment_gets_the_same_arguments_and_no_question() -> None:
    wanted = wanted_of(
        {"APP_ID": "7", "PARAMS": "TokenCipher=cbc", "SECRET_FILE": "key file.txt", "CLEAN": "0"}
    )

    assert wanted.deploying["STACK"] == wanted.stack == STACK
    assert (wanted.deploying["APP_ID"], wanted.deploying["PARAMS"]) == ("7", "TokenCipher=cbc")
    assert (wanted.deploying["YES"], wanted.confirmed, wanted.cleaning) == ("1", False, "")
    assert wanted.secret_file == Path("key file.txt")


def test_the_page_of_the_docs_lists_the_cases() -> None:
    text = (ROOT / "docs/verify-live.md").read_text(encoding="utf-8").replace("`", "")

    assert [case.title for case in CASES if f"| {case.title} | " not in text] == []
