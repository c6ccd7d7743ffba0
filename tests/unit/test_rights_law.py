"""No claim makes a service, but a right that is spelled out in a form that its API writes."""

import re
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from tests.authenticated import called
from zego_service.callers import ISSUE, RIGHTS, Caller

WORDS = st.sampled_from(
    [
        "zego:issue",
        "zego/issue",
        "[zego:issue]",
        "openid",
        "map[",
        "]",
        "[",
        " ",
        ",",
        '"',
        "<nil>",
        "a,zego:issue",
        "",
    ]
)
TEXT = st.lists(WORDS, max_size=6).map("".join) | st.lists(WORDS, max_size=6).map(" ".join)
VALUES = st.recursive(
    TEXT | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=6,
)
CLAIMS = st.dictionaries(st.sampled_from([*RIGHTS, "cognito:groups", "x"]), VALUES)
SPELLED = {"zego:issue", "zego/issue"}
APIS = st.sampled_from(["http_api", "rest_api"])


def is_spelled_out(value: Any) -> bool:
    """Whether the right is an entry of a list, or a word of text that is no list and no object."""
    if isinstance(value, list):
        return any(isinstance(entry, str) and entry in SPELLED for entry in value)
    if not isinstance(value, str):
        return False
    as_list = re.fullmatch(r"\[([^\[\]]*)\]", value)
    text = as_list[1] if as_list else value
    return not text.startswith(("[", "map[", "<nil>")) and bool(SPELLED & set(re.split(r"[ ,\"]", text)))


@given(trigger=APIS, claims=CLAIMS, is_jwt=st.booleans())
def test_a_service_has_the_right_spelled_out(trigger: str, claims: dict[str, Any], is_jwt: bool) -> None:
    claims = {"sub": "alice", **claims}
    if trigger == "http_api":
        authorizer = {"jwt": {"claims": claims}} if is_jwt else {"lambda": claims}
    else:
        authorizer = {"claims": claims} if is_jwt else claims

    caller = called(trigger, authorizer)

    assert isinstance(caller, Caller)
    event(caller.kind)
    assert caller.is_service is (ISSUE in caller.scopes)
    if caller.is_service:
        assert any(is_spelled_out(claims.get(name)) for name in RIGHTS)
