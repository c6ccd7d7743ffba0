"""The law: whatever is granted is within request and policy."""

import json
from typing import Any

from hypothesis import event, example, given
from hypothesis import strategies as st

from tests.policy_requests import ALICE, BACKEND, SETTINGS
from zego_service.callers import ISSUE, PUBLISH, Caller, CallerKind
from zego_service.errors import UnknownAppError
from zego_service.issuing.policy import (
    Refusal,
    decide,
)
from zego_service.issuing.requests import RoomPrivilege, TokenRequest
from zego_service.settings import Settings
from zego_token import Cipher, room_payload

NAMES = st.sampled_from(["alice", "bob", "backend", "ALICE", "alice ", ""])
CALLERS = st.builds(
    Caller,
    kind=st.sampled_from(CallerKind),
    subject=NAMES,
    scopes=st.frozensets(st.sampled_from([ISSUE, PUBLISH, "zego:revoke", "openid"])),
    vouched_by=st.just("jwt"),
)
PAYLOAD = room_payload("demo", publish=True)
FIELDS = st.fixed_dictionaries(
    {"user_id": NAMES},
    optional={
        "app_id": st.integers(1, 3),
        "version": st.sampled_from(["03", "04"]),
        "effective_time_in_seconds": st.sampled_from([1, 30, 3600, 86_400, 86_401, 2**31]),
        "room_id": st.sampled_from(["demo", "other"]),
        "privilege": st.builds(RoomPrivilege, login=st.booleans(), publish=st.booleans()),
        "stream_ids": st.sampled_from([("s1",), ("s1", "s2")]),
        "product": st.sampled_from(["rtc", "zim", "uikit"]),
        "payload": st.sampled_from(
            ["", PAYLOAD, room_payload("other"), room_payload("demo", login=False, stream_ids=["s1"])]
        ),
    },
)


def consistent(fields: dict[str, Any]) -> dict[str, Any]:
    """Without what a request may not have together."""
    if fields.get("product") == "zim" or "room_id" not in fields:
        gone = {"privilege", "stream_ids", "version"}
        gone |= {"room_id", "payload"} if fields.get("product") == "zim" else set()
    else:
        gone = {"payload"} | ({"stream_ids"} if fields.get("version") == "03" else set())
    return {name: value for name, value in fields.items() if name not in gone}


ALL_SETTINGS = st.builds(
    Settings,
    default_app_id=st.integers(1, 3),
    token_cipher=st.sampled_from(Cipher),
    default_ttl_seconds=st.sampled_from([1, 3600, 86_400]),
    max_ttl_seconds=st.sampled_from([1, 60, 3600, 86_400]),
    user_zim_tokens=st.booleans(),
)


@given(caller=CALLERS, fields=FIELDS.map(consistent), settings=ALL_SETTINGS)
@example(caller=ALICE, fields={"user_id": "alice", "room_id": "demo"}, settings=SETTINGS)
@example(caller=BACKEND, fields={"user_id": "bob", "payload": PAYLOAD}, settings=SETTINGS)
def test_what_is_granted_is_within_request_and_policy(
    caller: Caller, fields: dict[str, Any], settings: Settings
) -> None:
    asked = TokenRequest(**fields)

    try:
        decision = decide(caller, asked, settings)
    except UnknownAppError:
        assert caller.kind is CallerKind.USER
        assert asked.app_id != settings.default_app_id
        return

    event(type(decision).__name__)
    if isinstance(decision, Refusal):
        assert decision.rule
        assert decision.field in TokenRequest.__dataclass_fields__
        return

    # within the request: everything that was asked for is there as it was asked for
    for name, value in fields.items():
        assert getattr(decision, name) == value
    # and what was not asked for is the least there is, or the deployment's default
    assert decision.app_id == (asked.app_id or settings.default_app_id)
    if asked.payload:
        written = json.loads(asked.payload)
        assert decision.room_id == written["room_id"]
        assert decision.privilege is not None
        assert written["privilege"] == {"1": decision.privilege.login, "2": decision.privilege.publish}
        assert written["stream_id_list"] == (decision.stream_ids and [*decision.stream_ids])
    else:
        assert asked.privilege or decision.privilege in (None, RoomPrivilege(login=True, publish=False))
        assert decision.room_id == asked.room_id
    # within the policy
    assert decision.effective_time_in_seconds <= settings.max_ttl_seconds
    assert not decision.may_publish or PUBLISH in caller.scopes
    if caller.kind is CallerKind.USER:
        assert decision.user_id == caller.subject
        assert decision.app_id == settings.default_app_id
        assert decision.product != "zim" or settings.user_zim_tokens
        assert decision.payload is None
        assert decision.room_id is not None or decision.product == "zim"
