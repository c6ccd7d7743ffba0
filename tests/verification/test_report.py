"""What the report of `make verify-live` says, and what it never says."""

from pathlib import Path

import pytest

from local.verification.cases import CASES, Case, Seen, judge
from local.verification.report import Report
from tests.factories import APP_ID, SECRET
from zego_cli.doctor import Check, State
from zego_token import generate_token04

TOKEN = generate_token04(APP_ID, "alice", SECRET, 3600)
WITH_SLASHES = f"04AAAAAGA9{'a1b2c3d4e5f6/' * 20}=="  # base64 that has a slash in every 13 characters
ACCOUNT = "123456789012"
API = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
AS_EXPECTED = {case.name: Seen(case.expected[0], 0, case.expected[1], 0, 3) for case in CASES}


def case(name: str) -> Case:
    return next(each for each in CASES if each.name == name)


def report(folder: Path, *checks: Check, **seen: Seen) -> Report:
    hidden = (ACCOUNT, API, str(APP_ID), SECRET)
    found = {**AS_EXPECTED, **{name.replace("_", "-"): what for name, what in seen.items()}}
    return Report(folder / "report.md", {"Region": "eu-central-1"}, hidden, [*checks], found)


@pytest.mark.parametrize(
    ("name", "seen", "verdict", "hint"),
    [
        ("gcm", Seen("in", 0, "published", 0, 2), "as expected", ""),
        ("cbc", Seen("refused", 1102016, "", 0, 1), "not as expected", "docs/diagnosis.md"),
        ("gcm", Seen("no answer", 0, "", 0, 20), "no answer", "network"),
        ("gcm", Seen("in", 0, "no answer", 0, 20), "no answer", "network"),
        ("no-publish", Seen("in", 0, "refused", 1003025, 2), "as expected", ""),
        ("no-publish", Seen("in", 0, "published", 0, 2), "not as expected", "docs/go-live.md"),
        ("no-publish", Seen("refused", 1102016, "", 0, 2), "not as expected", "docs/diagnosis.md"),
        ("wrong-room", Seen("refused", 1102019, "", 0, 1), "as expected", ""),
        ("wrong-room", Seen("in", 0, "", 0, 1), "not as expected", "docs/go-live.md"),
        ("expiry", Seen("in", 0, "left", 1002056, 75), "as expected", ""),
        ("expiry", Seen("in", 0, "stayed", 0, 150), "not as expected", "docs/go-live.md"),
        ("kick", Seen("in", 0, "left", 1002055, 4), "as expected", ""),
        ("kick", Seen("in", 0, "stayed", 0, 20), "not as expected", "did not remove"),
    ],
)
def test_what_was_seen_is_judged(name: str, seen: Seen, verdict: str, hint: str) -> None:
    found, what_to_do = judge(case(name), seen)

    assert found == verdict
    assert hint in what_to_do
    assert bool(hint) == bool(what_to_do)


def test_the_report_has_every_check_and_every_case_with_its_codes(tmp_path: Path) -> None:
    written = report(
        tmp_path, Check("health", "ok", "/v1/health answers ok"), expiry=Seen("in", 0, "left", 1002056, 75)
    )

    written.write()

    text = written.path.read_text(encoding="utf-8")
    assert "- Region: eu-central-1" in text
    assert "| health | ok | /v1/health answers ok |" in text
    assert all(f"| {each.title} | " in text for each in CASES)
    assert "| in, left | in, left 1002056 after 75 s | as expected |" in text
    assert written.is_good


def test_a_case_that_was_not_tried_is_told(tmp_path: Path) -> None:
    written = report(tmp_path)
    del written.seen["kick"]

    assert f"| {case('kick').title} | in, left |  | not tried |" in str(written)
    assert not written.is_good


@pytest.mark.parametrize(
    ("check", "is_good"),
    [
        (Check("alarms", "problem", "20 of 20 alarms notify nobody"), True),  # of a trial, nobody is told
        (Check("token", "problem", "403"), False),
        (Check("JWT issuer", "skipped", "the stack is not known"), True),
    ],
)
def test_a_problem_of_the_deployment_is_one_of_the_run(tmp_path: Path, check: Check, is_good: bool) -> None:
    assert report(tmp_path, check).is_good is is_good


@pytest.mark.parametrize(("state", "has_tokens"), [("ok", True), ("problem", False), ("skipped", False)])
def test_rooms_are_tried_only_if_there_are_tokens(tmp_path: Path, state: State, has_tokens: bool) -> None:
    assert report(tmp_path, Check("token", state, "")).has_tokens is has_tokens


@pytest.mark.parametrize("hidden", [SECRET, TOKEN, WITH_SLASHES, ACCOUNT, API, str(APP_ID)])
def test_nothing_secret_is_in_it(tmp_path: Path, hidden: str) -> None:
    told = f"arn:aws:iam::{ACCOUNT}:user/me asked https://{API} for app {hidden}: {hidden}, '{hidden}' and {hidden}x"
    written = report(tmp_path, Check("token", "problem", told))

    written.write()

    text = written.path.read_text(encoding="utf-8")
    assert "| token | problem | arn:aws:iam::…" in text
    assert hidden not in text
    assert hidden[:20] not in text


def test_a_cell_stays_in_its_row(tmp_path: Path) -> None:
    assert "| token | problem | a \\| b c |" in str(report(tmp_path, Check("token", "problem", "a | b\nc")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"login": TOKEN},
        {"then": "left early"},
        {"login_code": TOKEN},
        {"login_code": -1},
        {"then_code": 1.5},
        {"seconds": True},
        {"seconds": 2**32},
        {"note": "free text"},
    ],
)
def test_a_result_has_known_words_and_numbers_only(wrong: dict[str, object]) -> None:
    right = {"login": "in", "login_code": 0, "then": "left", "then_code": 1002056, "seconds": 4}
    assert Seen.parse(right) == Seen("in", 0, "left", 1002056, 4)

    with pytest.raises(ValueError, match="must"):
        Seen.parse({**right, **wrong})
