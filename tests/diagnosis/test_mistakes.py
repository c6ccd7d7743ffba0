"""Each way to get a token wrong is told apart; what is right has no finding."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import zego_token
from tests.diagnosis.made import NOW, VALIDITY, room, token03, token04
from tests.diagnosis.mistakes import GOOD, MISTAKES, Mistake, kit
from tests.factories import APP_ID, OTHER_SECRET, ROOT, SECRET
from zego_token import CLIENT_ERRORS, Cipher, Finding, TokenError, decode_token, explain, room_payload
from zego_token.diagnosis.findings import CATALOGUE

RIGHT = {"app_id": APP_ID, "user_id": "alice", "room_id": "demo", "now": NOW}


def found_by(mistake: Mistake) -> list[Finding]:
    return explain(mistake.token, mistake.secret, **{"now": NOW, **mistake.asked})


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.how)
def test_each_mistake_is_the_first_finding(mistake: Mistake) -> None:
    findings = found_by(mistake)

    assert findings[0].code == mistake.code
    assert all(found.sentence and found.what_to_do for found in findings)


def test_every_finding_that_there_is_has_a_mistake() -> None:
    assert {mistake.code for mistake in MISTAKES} == CATALOGUE.keys()


@pytest.mark.parametrize("cipher", list(Cipher))
@pytest.mark.parametrize("product", ["rtc", "uikit"])
@pytest.mark.parametrize("now", [NOW, NOW + VALIDITY - 30, NOW - 30])
def test_a_right_token_has_no_finding(cipher: Cipher, product: str, now: int) -> None:
    token = token04(cipher=cipher)

    assert explain(token, SECRET, **RIGHT | {"product": product, "now": now}) == []
    assert explain(token, SECRET, now=now) == []
    assert explain(token, now=now) == []


def test_other_right_tokens_have_no_finding() -> None:
    zim = token04(payload="", expire=NOW + 2_073_600, user_id="u" * 32)

    assert explain(zim, SECRET, product="zim", now=NOW) == []
    assert explain(token03(), SECRET, **RIGHT) == []
    assert explain(token04(payload=""), SECRET, now=NOW) == []
    assert explain(token04(payload=...), SECRET, now=NOW) == []  # UIKit's test tokens
    assert explain(kit(), SECRET, **RIGHT | {"product": "uikit"}) == []
    assert explain(room(stream_id_list=["s1", "s_2-x"]), SECRET, **RIGHT) == []
    assert explain(token04(payload=room_payload("demo", publish=True)), SECRET, **RIGHT) == []


OFFICIAL = [
    json.loads(line)
    for line in Path(ROOT / "tests/vectors/official_tokens.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_tokens_of_zegos_own_generators_are_not_taken_for_damaged_ones() -> None:
    about_ids_and_payloads = re.compile(
        r"(user|room)-id-.*|payload-.*|privilege-.*|.*-denied|validity-too-short|ends-soon|argument-.*"
        r"|member-(missing|invalid)|empty-stream-list|stream-id-refused"
    )
    for vector in OFFICIAL:
        begun = vector["expire"] - vector["effective_time_in_seconds"]
        if vector["effective_time_in_seconds"] > 10**9 or begun < 10**9:
            continue
        codes = [found.code for found in explain(vector["token"], vector["secret"], now=begun)]

        assert [code for code in codes if not about_ids_and_payloads.fullmatch(code)] == [], vector


def test_what_zim_refuses_is_no_finding_for_express() -> None:
    uuid = "1f6c1f0e-0000-4000-8000-000000000000"

    long = token04(user_id=uuid, payload="", expire=NOW + 2_073_601)

    assert explain(long, SECRET, now=NOW) == []
    assert [found.code for found in explain(long, SECRET, product="zim", now=NOW)] == [
        "user-id-too-long",
        "validity-too-long",
    ]


def test_several_mistakes_are_told_together_the_likeliest_first() -> None:
    token = f'"{token04(payload={"room_id": "demo"}, user_id="bob")}"'

    codes = [found.code for found in explain(token, SECRET, **RIGHT | {"now": NOW + 2 * VALIDITY})]

    assert codes == ["quoted", "payload-is-object", "privilege-invalid", "expired", "other-user"]


@pytest.mark.parametrize(
    ("ago", "words"),
    [(0, "0 seconds"), (1, "1 second"), (61, "1 minute 1 second"), (7205, "2 hours"), (90_000, "1 day 1 hour"),
     (400 * 86_400, "1 year 35 days")],
)  # fmt: skip
def test_expired_says_by_how_much(ago: int, words: str) -> None:
    (expired,) = explain(GOOD, SECRET, now=NOW + VALIDITY + ago)

    assert expired.sentence == f"The token expired {words} ago."


def test_without_the_secret_the_time_in_front_counts() -> None:
    assert [found.code for found in explain(GOOD, now=NOW + VALIDITY)] == ["expired"]
    assert [found.code for found in explain(GOOD, OTHER_SECRET, now=NOW + VALIDITY)] == [
        "secret-wrong",
        "expired",
    ]


@pytest.mark.parametrize("cipher", list(Cipher))
def test_a_changed_token_is_not_taken_for_one_of_another_kind(cipher: Cipher) -> None:
    token = token04(cipher=cipher)
    for position in range(40, len(token) - 4, 7):
        changed = token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]

        codes = {found.code for found in explain(changed, SECRET, now=NOW)}

        assert codes & {"secret-wrong", "content-not-json", "header-time-differs", "envelope-damaged",
                        "truncated", "member-missing", "member-invalid", "trailing-data", "other-app"}, changed  # fmt: skip


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("`{}`", ["quoted"]), ("<{}>", ["quoted"]), ("({});", ["quoted"]), ("b'{}'", ["quoted"]), ("\ufeff{}", ["whitespace"]),
        ('"token":"{}"', ["prefixed", "quoted"]), ("ZEGO_TOKEN={}", ["prefixed"]), ("Authorization: Bearer {}", ["prefixed"]),
        ("https://a.example/?x=1&token={}", ["prefixed"]), (" '{}'\n", ["quoted", "whitespace"]),
    ],
)  # fmt: skip
def test_what_is_around_a_token_is_named(text: str, codes: list[str]) -> None:
    token = next(token for nonce in range(999) if "+" not in (token := token04(nonce=nonce)))

    assert [found.code for found in explain(text.replace("{}", token), SECRET, now=NOW)] == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [(" {}", ["secret-whitespace"]), ("{}\u200b", ["secret-whitespace"]), ("'{}'", ["secret-quoted"]),
     ('ZEGO_SERVER_SECRET="{}"', ["secret-quoted"]), ('{"secret": "{}"}', ["secret-in-json"]), ("{}{}", ["secret-is-app-sign", "key-cut"])],
)  # fmt: skip
@pytest.mark.parametrize("cipher", list(Cipher))
def test_what_is_around_a_secret_is_named(cipher: Cipher, text: str, codes: list[str]) -> None:
    findings = explain(token04(cipher=cipher), text.replace("{}", SECRET), now=NOW)

    assert [found.code for found in findings] == codes


WRONG_MEMBERS = (
    token04(user_id=7),
    token04(app_id=0),
    token04(expire=str(NOW)),
    token04(nonce=2**31),
    token04(ctime=1.5),
    room(room_id=7),
    room(room_id=...),
    room(privilege={"1": 1}),
    room(stream_id_list="s1"),
    token04(payload=7),
    token03(room_id=7),
    token03(privilege=[1, 1]),
    token03(expire_time="soon"),
    token03(nonce=2**63),
)


@pytest.mark.parametrize("token", WRONG_MEMBERS)
def test_members_of_a_wrong_type_are_named(token: str) -> None:
    (found,) = explain(token, SECRET, now=NOW)

    assert found.code in {"member-invalid", "member-missing", "privilege-invalid"}


def all_findings() -> Iterator[Finding]:
    for token in WRONG_MEMBERS:
        yield from explain(token, SECRET, now=NOW)
    for mistake in MISTAKES:
        yield from found_by(mistake)


def test_client_error_codes_are_those_of_the_table() -> None:
    used = {code for found in all_findings() for code in found.client_error_codes}

    assert used <= CLIENT_ERRORS.keys()
    # The codes that stand for every cause, and no other, belong to no finding.
    assert CLIENT_ERRORS.keys() - used == {6000101}


def test_no_finding_shows_the_secret_or_the_payload() -> None:
    for mistake in MISTAKES:
        for found in found_by(mistake):
            assert SECRET[:16] not in repr(found)
            assert OTHER_SECRET[:16] not in repr(found)
            assert "stream_id_list\\" not in repr(found)


def test_what_decode_token_refuses_has_a_finding() -> None:
    for mistake in MISTAKES:
        if isinstance(mistake.token, str) and mistake.secret == SECRET:
            try:
                decode_token(mistake.token, SECRET)
            except TokenError:
                assert found_by(mistake)[0].severity == "error", mistake.how


def test_the_diagnosis_is_imported_when_it_is_first_used() -> None:
    code = (
        "import sys, zego_token; before = {n for n in sys.modules if 'diagnosis' in n}; "
        "zego_token.explain(None); from zego_token import *; "
        "print(before, ClientError.__name__, Finding.__name__, len(CLIENT_ERRORS) > 16)"
    )

    printed = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT / "layers/zego_token")},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert printed == "set() ClientError Finding True\n"
    with pytest.raises(AttributeError, match="no attribute 'explane'"):
        zego_token.explane  # type: ignore[attr-defined]  # noqa: B018
