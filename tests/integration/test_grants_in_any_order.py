"""Events in any order and repetition, beside a model that knows only the highest revision."""

from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.deployment import Deployment
from tests.provisioning_events import (
    ENDS_AT,
    at_hour,
    cancelled,
    event_of,
    roster_batch,
    row_of,
    scheduled,
)

ROOMS = ("demo", "demo#1")
USERS = ("alice", "c\\#d", "~")
Content = dict[str, tuple[bool, bool, tuple[str, ...] | None]]
contents = st.dictionaries(
    st.sampled_from(USERS),
    st.tuples(st.booleans(), st.booleans(), st.none() | st.just(("s1",))),
    max_size=len(USERS),
)
revisions = st.integers(0, 5) | st.just(2**53 - 1)


class Events(RuleBasedStateMachine):
    """Events in any order, beside a model that keeps what each event says and looks for the highest."""

    deployment: Deployment  # set once, since making it takes longer than any example

    def __init__(self) -> None:
        super().__init__()
        self.deployment.clear()
        self.sent: list[dict[str, Any]] = []
        self.scheduled: dict[tuple[str, int], Content] = {}
        self.cancelled: set[tuple[str, int]] = set()
        self.rosters: dict[tuple[str, str, int], bool] = {}
        self.is_checked = True

    def send(self, event: dict[str, Any]) -> None:
        self.sent.append(event)
        self.deployment(event)
        self.is_checked = False

    @rule(room=st.sampled_from(ROOMS), revision=revisions, content=contents, update=st.booleans())
    def schedule(self, room: str, revision: int, content: Content, *, update: bool) -> None:
        content = self.scheduled.setdefault((room, revision), content)
        participants = [
            {"user_id": user, "login": login, "publish": publish, "stream_ids": streams and [*streams]}
            for user, (login, publish, streams) in content.items()
        ]
        detail = scheduled(*participants, room_id=room, revision=revision)["detail"]
        self.send(event_of("Zego Room Updated" if update else "Zego Room Scheduled", detail))

    @rule(room=st.sampled_from(ROOMS), revision=revisions)
    def cancel(self, room: str, revision: int) -> None:
        self.cancelled.add((room, revision))
        self.send(cancelled(revision, room))

    @rule(
        room=st.sampled_from(ROOMS),
        user=st.sampled_from(USERS),
        hour=st.integers(0, 3),
        publish=st.booleans(),
    )
    def put_on_roster(self, room: str, user: str, hour: int, *, publish: bool) -> None:
        publish = self.rosters.setdefault((room, user, hour), publish)
        record = row_of(user, room, publish=str(publish).lower())
        self.send(roster_batch({0: record}, uploaded_at=at_hour(hour)))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        self.send(data.draw(st.sampled_from(self.sent)))

    @precondition(lambda self: not self.is_checked)
    @rule(page_size=st.integers(1, 4))
    def check(self, page_size: int) -> None:
        """Looks at all rooms; as a rule, because looking takes longer than an event."""
        for room in ROOMS:
            self._check_room(room, page_size)
        rows = [row for row in self.deployment.rows("ROOM#") if row["sk"]["S"].startswith("GRANT#")]
        assert len(rows) == sum(len(self._state(room)[1]) for room in ROOMS)  # nothing is left of the rest
        self.is_checked = True

    def _state(self, room: str) -> tuple[bool, Content]:
        """Whether a room is cancelled, and its participants."""
        highest = max((r for name, r in [*self.scheduled, *self.cancelled] if name == room), default=None)
        if highest is None:
            return False, {}
        is_cancelled = (room, highest) in self.cancelled
        return is_cancelled, {} if is_cancelled else self.scheduled[room, highest]

    def _on_roster(self, room: str, user: str) -> tuple[bool, bool, None] | None:
        hours = [hour for name, who, hour in self.rosters if (name, who) == (room, user)]
        return (True, self.rosters[room, user, max(hours)], None) if hours else None

    def _check_room(self, room: str, page_size: int) -> None:
        is_cancelled, participants = self._state(room)
        expected_list: list[tuple[Any, ...]] = []
        for user in USERS:
            by_roster = self._on_roster(room, user)
            grant = participants.get(user) or by_roster
            expected = (
                "room-cancelled" if is_cancelled else "no-grant" if grant is None else (*grant, ENDS_AT)
            )
            assert self.deployment.answer(room, user) == expected
            expected_list += [(user, "schedule", participants[user])] if user in participants else []
            expected_list += [(user, "roster", by_roster)] if by_roster else []
        shown = [
            (g.participant.user_id, "roster" if g.by_roster else "schedule", privileges_of(g))
            for g in self.deployment.listed(room, page_size)
        ]
        assert sorted(shown, key=repr) == sorted(expected_list, key=repr)


def privileges_of(grant: Any) -> tuple[bool, bool, tuple[str, ...] | None]:
    return grant.participant.login, grant.participant.publish, grant.participant.stream_ids


def test_any_order_and_repetition_of_events_ends_in_the_highest_revisions(account: Deployment) -> None:
    Events.deployment = account
    # Without shrinking, which would take minutes.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    examples = settings().max_examples // 20
    run_state_machine_as_test(
        Events, settings=settings(max_examples=examples, stateful_step_count=20, phases=phases)
    )
