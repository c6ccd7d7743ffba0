"""What Schemathesis cannot know from the document: how ids look, and what the time is."""

import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

import schemathesis
from hypothesis import strategies as st

from zego_service.errors import InvalidRequestError
from zego_service.fields import (
    LIMITS,
    MAX_ROOM_ID_BYTES,
    MAX_USER_NAME_BYTES,
    id_pattern,
    parse_known_room_id,
    parse_known_user_id,
    parse_user_id,
    parse_user_name,
)
from zego_service.provisioning.grants import PageKey
from zego_token import room_payload

Case = schemathesis.Case[Any]
# What the sample events provision.
THERE = {
    "POST /v1/rooms/{room_id}/tokens": {"room_id": "maths-7b"},
    "GET /v1/rooms/{room_id}/grants": {"room_id": "maths-7b"},
    "GET /v1/provisioned/{request_id}/{user_id}": {"request_id": "kiosk-2026-11", "user_id": "kiosk-1"},
}
ROOMS = ("maths-7b", "demo")
# How often each was asked for, whether it is there or not.
_ASKED: dict[str, Iterator[int]] = defaultdict(count)
_LATEST_SECONDS = 365 * 86_400


def ids(most_bytes: int, parse: Callable[[object], str]) -> st.SearchStrategy[str]:
    """Ids of any length and script that fit into these bytes of UTF-8."""

    def is_accepted(text: str) -> bool:
        try:
            parse(text)
        except InvalidRequestError:
            return False
        return True

    ascii_text = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=most_bytes)
    any_script = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=most_bytes // 4)
    composed = any_script.map(lambda text: unicodedata.normalize("NFC", text))
    return ascii_text | composed.filter(is_accepted)


for name, most_bytes, parser in (
    ("zego-zim-user-id", LIMITS["zim"].user_id_bytes, partial(parse_user_id, product="zim")),
    ("zego-known-user-id", LIMITS["rtc"].user_id_bytes, parse_known_user_id),
    ("zego-user-name", MAX_USER_NAME_BYTES, parse_user_name),
    ("zego-known-room-id", MAX_ROOM_ID_BYTES, parse_known_room_id),
):
    schemathesis.openapi.format(name, ids(most_bytes, parser))


payloads = st.builds(
    room_payload,
    st.from_regex(id_pattern(MAX_ROOM_ID_BYTES), fullmatch=True),
    login=st.booleans(),
    publish=st.booleans(),
)
schemathesis.openapi.format("zego-payload", payloads | st.just(""))

cursors = st.text(max_size=20).map(lambda text: PageKey(None, f"ROSTER#{text}").cursor)
schemathesis.openapi.format("zego-grant-cursor", cursors)


@schemathesis.hook
def filter_case(_context: schemathesis.HookContext, case: Case) -> bool:
    """Leave out what is said to break a format alone: Schemathesis cannot check ours, so it may well keep to it."""
    mutations = case.meta.phase.data.mutations if case.meta is not None else ()
    return all(mutation.keywords != ("format",) for mutation in mutations)


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: Case, _options: dict[str, Any]) -> None:
    """Make what is valid by the document valid in the ways that it cannot state."""
    if case.operation.label == "DELETE /v1/revocations":
        named = {name for name in ("user_id", "room_id") if case.query.get(name) is not None}
        if not named:  # one of the two is needed
            case.query["user_id"] = "alice"
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.operation.label in ("POST /v1/tokens", "POST /v1/rooms/{room_id}/tokens"):
        # The caller is a service, which must name a user.
        fields = case.body if isinstance(case.body, dict) else {}
        case.body, case.media_type = {"user_id": "alice", **fields}, "application/json"
    if case.operation.label == "POST /v1/tokens/inspect" and isinstance(case.body, dict):
        case.body.pop("app_id", None)  # of a deployment with a single app, every other one is unknown
    there = THERE.get(case.operation.label)
    if there is not None and (case.path_parameters == there or next(_ASKED[case.operation.label]) % 2 == 0):
        case.path_parameters |= there
        if isinstance(case.body, dict):
            case.body = {"user_id": "alice"}
    if case.path_parameters.get("room_id") in ROOMS:
        case.query.pop("after", None)  # the next of a page of another room
    if isinstance(case.body, dict):
        case.body = {name: _now_valid(name, value) for name, value in case.body.items()}


def _now_valid(name: str, value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():  # 1.0 is an integer to JSON Schema
        value = int(value)
    return int(time.time()) + 60 + value % _LATEST_SECONDS if name == "until" else value
