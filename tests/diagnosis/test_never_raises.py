"""Whatever it is given, `explain` answers, and soon."""

import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.diagnosis.made import CONTENT_03, CONTENT_04, NOW, sealed, token04
from tests.diagnosis.mistakes import GOOD, MISTAKES, kit
from tests.factories import SECRET
from zego_token import Cipher, Finding, explain

SECONDS = 5.0  # for 10 MB, on a slow machine
MEGABYTES = 10 * 2**20
SIMPLE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.builds(object)
    | st.sampled_from([10**5000, -(10**5000), float("nan"), float("inf"), "\ud800", "\x00", "04", "03", "#"])
)
ANYTHING = SIMPLE | st.lists(SIMPLE) | st.dictionaries(st.text(), SIMPLE)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
DAMAGE = (
    "",
    "#",
    '"',
    "'",
    " ",
    "\n",
    "%2B",
    "%25",
    "eyJ",
    "=",
    "==",
    "-",
    "_",
    "\u200b",
    "{",
    "Bearer ",
    "token=",
)


def check(findings: list[Finding]) -> None:
    for found in findings:
        assert found.sentence.isprintable()
        assert len(found.sentence) < 400
        assert found.what_to_do


@given(
    token=ANYTHING,
    secret=ANYTHING,
    app_id=ANYTHING,
    user_id=ANYTHING,
    room_id=ANYTHING,
    product=ANYTHING,
    now=ANYTHING,
)
def test_arguments_of_any_type(token: object, secret: object, **asked: Any) -> None:
    check(explain(token, secret, **asked))
    check(explain(GOOD, SECRET, **asked))


@given(token=st.text(), secret=st.text())
@example("04", "")
@example("04====", "=")
def test_any_text(token: str, secret: str) -> None:
    check(explain(token, secret, now=NOW))
    check(explain("04" + token, SECRET, now=NOW))
    check(explain(GOOD, secret, now=NOW))


@given(
    start=st.integers(0, len(GOOD)),
    end=st.integers(0, len(GOOD)),
    before=st.sampled_from(DAMAGE),
    inside=st.sampled_from(DAMAGE),
    after=st.sampled_from(DAMAGE),
)
def test_any_damage_is_found(start: int, end: int, before: str, inside: str, after: str) -> None:
    token = before + GOOD[:start] + inside + GOOD[end:] + after

    findings = explain(token, SECRET, now=NOW)

    check(findings)
    assert findings or token == GOOD


@given(content=JSON, cipher=st.sampled_from(list(Cipher)), version=st.sampled_from(["03", "04"]))
def test_any_content(content: object, cipher: Cipher, version: str) -> None:
    token = sealed(json.dumps(content), cipher=cipher, version=version)

    findings = explain(token, SECRET, now=NOW)

    check(findings)
    assert findings


@given(name=st.sampled_from([*CONTENT_04, *CONTENT_03]), value=JSON, is_new=st.booleans())
def test_any_member(name: str, value: object, is_new: bool) -> None:
    content = CONTENT_04 if is_new else CONTENT_03
    text = json.dumps(content | {name: value})
    token = sealed(text, cipher=Cipher.CBC, version="04" if is_new else "03")

    check(explain(token, SECRET, app_id=1, user_id="bob", room_id="r", product="uikit", now=NOW))


@given(payload=JSON, kit_part=st.text())
def test_any_payload_and_any_kit_part(payload: object, kit_part: str) -> None:
    token = token04(payload=json.dumps(payload))

    check(explain(f"{token}#{kit_part}", SECRET, product="uikit", room_id="r", now=NOW))


@given(plaintext=st.binary())
def test_any_plaintext(plaintext: bytes) -> None:
    check(explain(sealed(plaintext), SECRET, now=NOW))
    check(explain(sealed(plaintext, cipher=Cipher.CBC), SECRET, now=NOW))


NAUGHTY = [
    "", " ", "\0", "\r\n", "null", "undefined", "NaN", "true", "{}", "[]", '{"token":null}', '{"token":[]}', "[[[[", "-1",
    "0", "1e999", "９", "٣", "ﾟ･✿ヾ╲(｡◕‿◕｡)╱✿･ﾟ", "\u202e04AAAA", "\u202a\u202atest\u202a", "Z̮̞̠͙͔ͅ", "\ud83d", "\ufeff", "%", "%%%", "%zz",
    "%25%25%25", "#", "##", "a#b#c", "04#", "#04", "eyJ", "eyJ.", "eyJ..", "eyJ.....", "Bearer", "Bearer ", "token=",
    "?token=", "?token=&", "'", '"', "''", '"""', "\\", "\\\\/", "<script>alert(1)</script>", "' OR 1=1 --", "${jndi:ldap://x}",
    "04" + "=" * 50, "04" + "/" * 60, "04" + "A" * 13, "04AAAA=AAA", "0x04", "O4AAAA", "../../etc/passwd", "\x1b[31mred", "{0}", "{name}",
]  # fmt: skip


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_strings(text: str) -> None:
    findings = explain(text, SECRET, now=NOW)

    assert findings
    check(findings)
    for asked in ("user_id", "room_id", "product"):
        check(explain(GOOD, SECRET, now=NOW, **{asked: text}))
    check(explain(GOOD, text, now=NOW))
    check(explain(token04(user_id=text.encode("utf-8", "replace").decode()), SECRET, now=NOW))


@pytest.mark.parametrize(
    "piece",
    [
        "A",
        " ",
        "\n",
        "=",
        "#",
        ".",
        "[",
        '{"a":',
        "%25",
        "%2B",
        "eyJ.",
        "?token",
        "&",
        "Bearer ",
        "\\/",
        '"',
        "é",
        "04",
        GOOD,
    ],
)
def test_ten_megabytes_take_seconds_at_most(piece: str) -> None:
    for size in (199_990, MEGABYTES):
        text = (piece * (size // len(piece) + 1))[:size]
        for token in (text, "04" + text, "eyJ" + text, '{"token":"' + text, kit() + text):
            started = time.process_time()
            check(explain(token, SECRET, now=NOW))
            assert time.process_time() - started < SECONDS
    for asked in ({"user_id": text}, {"room_id": text}, {"product": text}):
        check(explain(GOOD, SECRET, now=NOW, **asked))
    check(explain(GOOD, text, now=NOW))


def test_the_longest_token_that_there_is_is_read() -> None:
    token = token04(payload="x" * 65_000)

    assert [found.code for found in explain(token, SECRET, now=NOW)] == ["payload-not-json"]


def test_a_subclass_of_str_is_text() -> None:
    class Text(str):
        __slots__ = ()

        def strip(self, *_: object) -> str:
            raise AssertionError

    for mistake in MISTAKES:
        if isinstance(mistake.token, str):
            check(explain(Text(mistake.token), Text(SECRET), user_id=Text("alice"), product=Text("rtc")))
