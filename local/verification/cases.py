"""What a real room is asked, and what must happen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from zego_token import Cipher

Login = Literal["in", "refused", "no answer"]
Then = Literal["", "published", "refused", "left", "stayed", "no answer"]
Verdict = Literal["as expected", "not as expected", "no answer"]

_NOT_CHECKED = (
    "ZEGO did not check the token's rights. Ask its support to switch the checks on: docs/go-live.md."
)
_TOKEN_REFUSED = "ZEGO refused the token. Look up the code in docs/diagnosis.md."
_NO_ANSWER = "ZEGO did not answer in time. Check the network, and that the AppID is one of ZEGO's."


@dataclass(frozen=True)
class Case:
    """One visit to a room: the token, what the browser does with it, and what must be seen.

    ``ttl`` is the token's validity, ``patience`` how long the browser waits for each step, both in seconds.
    """

    name: str
    title: str
    does: Literal["publish", "stay", "kick", ""]
    expected: tuple[Login, Then]
    hint: str
    cipher: Cipher = Cipher.GCM
    may_publish: bool = True
    enters_other_room: bool = False
    ttl: int = 600
    patience: int = 20


@dataclass(frozen=True)
class Seen:
    """What the browser saw; codes are the SDK's, 0 for none."""

    login: Login
    login_code: int
    then: Then
    then_code: int
    seconds: int

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> "Seen":
        """What the page reports. Raises ValueError for anything else: no free text gets into the report."""
        if body.keys() != set(cls.__annotations__):
            raise ValueError(f"the result must have {', '.join(cls.__annotations__)}")
        if body["login"] not in get_args(Login) or body["then"] not in get_args(Then):
            raise ValueError("login and then must be known words")
        for name in ("login_code", "then_code", "seconds"):
            if type(body[name]) is not int or not 0 <= body[name] < 2**32:
                raise ValueError(f"{name} must be a whole number")
        return cls(**body)


CASES = (
    Case("gcm", "Join with a GCM token, and publish", "publish", ("in", "published"), _TOKEN_REFUSED),
    Case(
        *("cbc", "Join with a CBC token, and publish", "publish", ("in", "published"), _TOKEN_REFUSED),
        cipher=Cipher.CBC,
    ),
    Case(
        *(
            "no-publish",
            "Publish with a token that does not allow it",
            "publish",
            ("in", "refused"),
            _NOT_CHECKED,
        ),
        may_publish=False,
    ),
    Case(
        *("wrong-room", "Join another room than the token's", "", ("refused", ""), _NOT_CHECKED),
        enters_other_room=True,
    ),
    Case(
        "kick", "Be removed by POST /v1/revocations", "kick", ("in", "left"), "ZEGO did not remove the user."
    ),
    Case(
        *("expiry", "Stay until the token expires", "stay", ("in", "left")),
        "ZEGO does not remove users when their token expires. Ask its support for it: docs/go-live.md.",
        ttl=60,
        patience=150,
    ),
)


def judge(case: Case, seen: Seen) -> tuple[Verdict, str]:
    """Whether it is what must happen, and what to do if not."""
    if (seen.login, seen.then) == case.expected:
        return "as expected", ""
    if "no answer" in (seen.login, seen.then):
        return "no answer", _NO_ANSWER
    return "not as expected", _TOKEN_REFUSED if seen.login == "refused" else case.hint
