"""Whatever a user asks for and whenever, it gets no more than its grant, and the same by either route."""

from dataclasses import replace
from typing import Any

from hypothesis import event, example, given
from hypothesis import strategies as st

from tests.deployment import BACKEND
from zego_service.callers import PUBLISH, Caller, CallerKind
from zego_service.clock import Instant
from zego_service.errors import ServiceError
from zego_service.issuing.requests import IssuedToken, RoomPrivilege, TokenRequest
from zego_service.provisioning.admission import Admission
from zego_service.provisioning.grant_rows import Grant, RoomState
from zego_service.provisioning.rooms import Participant, RoomKey, Window
from zego_service.settings import Settings
from zego_token import Cipher

START, END = 1_795_000_000, 1_795_003_600
STREAMS = st.none() | st.sampled_from([("s1",), ("s2",), ("s1", "s2"), ("s1", "s3")])
PARTICIPANTS = st.builds(
    Participant, user_id=st.just("alice"), login=st.booleans(), publish=st.booleans(), stream_ids=STREAMS
)
GRANTS = st.none() | st.builds(
    Grant, PARTICIPANTS, st.just(Window(starts_at=START, ends_at=END)), st.just(1), by_roster=st.booleans()
)
ROOMS = st.sampled_from([None, RoomState("1", None), RoomState("1", Window(starts_at=START, ends_at=END))])
REQUESTS = st.builds(
    TokenRequest,
    user_id=st.sampled_from(["alice", "bob"]),
    room_id=st.just("demo"),
    product=st.sampled_from(["rtc", "uikit"]),
    effective_time_in_seconds=st.none() | st.integers(1, 7200),
    privilege=st.none() | st.builds(RoomPrivilege, login=st.booleans(), publish=st.booleans()),
    stream_ids=STREAMS,
)
TIMES = st.floats(START - 100, END + 100) | st.floats(END - 40, END + 1)
ALICE = Caller(CallerKind.USER, "alice", frozenset((PUBLISH,)), "jwt")


class Fixed:
    """Apps, grants and an issuer that have one app and one grant, and mint what they are told to."""

    def __init__(self, room: RoomState | None, grant: Grant | None) -> None:
        self._room, self._grant = room, grant

    def require(self, *_: object) -> int:
        return 1

    def room(self, _key: RoomKey) -> RoomState | None:
        return self._room

    def scheduled(self, _key: RoomKey, user_id: str) -> tuple[RoomState | None, Grant | None]:
        has_one = self._room is not None and self._room.window is not None
        return self._room, self.by_roster(_key, user_id) if has_one else None

    def by_roster(self, _key: RoomKey, user_id: str) -> Grant | None:
        return self._grant if user_id == "alice" else None

    def mint(
        self, _caller: Caller, asked: TokenRequest, now: Instant, not_after: int | None = None
    ) -> IssuedToken:
        seconds = asked.effective_time_in_seconds or 3600
        expires_at = now.unix + seconds if not_after is None else min(now.unix + seconds, not_after)
        return IssuedToken(
            token="", version="04", cipher=Cipher.GCM, app_id=1, user_id=asked.user_id, room_id=asked.room_id,
            privilege=asked.privilege, stream_ids=asked.stream_ids, issued_at=now.unix, expires_at=expires_at,
            refresh_after=expires_at,
        )  # fmt: skip


def outcome(issue: Any, caller: Caller, asked: TokenRequest, now: Instant) -> IssuedToken | tuple[Any, ...]:
    try:
        token: IssuedToken = issue(caller, asked, now)
    except ServiceError as error:
        return (type(error), error.rule, error.field)
    return token


@given(asked=REQUESTS, grant=GRANTS, room=ROOMS, at=TIMES)
@example(TokenRequest(user_id="alice", room_id="demo"), None, None, START + 1)
def test_a_user_never_gets_more_than_its_grant(
    asked: TokenRequest, grant: Grant | None, room: RoomState | None, at: float
) -> None:
    fixed: Any = Fixed(room, grant)
    admission = Admission(Settings(default_app_id=1), fixed, fixed, fixed, fixed)
    now = Instant(at, 0)

    found = outcome(admission.issue, ALICE, asked, now)

    assert found == outcome(admission.enter, ALICE, asked, now)
    event(type(found).__name__)
    if not isinstance(found, IssuedToken):
        return
    assert grant is not None
    assert (found.user_id, found.room_id) == ("alice", "demo")
    assert room is None or room.window is not None
    assert at >= START
    assert at + 35 <= END
    assert now.unix + 35 <= found.expires_at <= END
    may, streams = grant.participant, grant.participant.stream_ids
    assert found.privilege is not None
    assert not found.privilege.login or may.login
    assert not found.privilege.publish or may.publish
    assert streams is None or (found.stream_ids is not None and set(found.stream_ids) <= set(streams))


@given(asked=REQUESTS, grant=GRANTS, room=ROOMS, at=TIMES)
def test_a_service_is_bound_by_grants_only_where_it_asks_for_one(
    asked: TokenRequest, grant: Grant | None, room: RoomState | None, at: float
) -> None:
    fixed: Any = Fixed(room, grant)
    admission = Admission(Settings(default_app_id=1), fixed, fixed, fixed, fixed)
    asked = replace(asked, effective_time_in_seconds=600)

    assert isinstance(outcome(admission.issue, BACKEND, asked, Instant(at, 0)), IssuedToken)
    if grant is None:
        assert not isinstance(outcome(admission.enter, BACKEND, asked, Instant(at, 0)), IssuedToken)
