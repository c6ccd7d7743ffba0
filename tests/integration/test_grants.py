"""A room ends in the state of its highest revision, whatever order its events come in."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.deployment import Clients, Deployment, invoke
from tests.provisioning_events import (
    ENDS_AT,
    STARTS_AT,
    at_hour,
    cancelled,
    event_of,
    roster_batch,
    row_of,
    scheduled,
)

LOGIN = (True, False, None, ENDS_AT)
SPEAKER = {"user_id": "alice", "publish": True, "stream_ids": ["main", "screen"]}


def room_rows(deployment: Deployment) -> list[Any]:
    return deployment.rows("ROOM#")


def test_a_scheduled_room_lets_its_participants_do_what_it_says(deployment: Deployment) -> None:
    deployment(scheduled(SPEAKER, "bob", {"user_id": "carol", "login": False}))

    assert deployment.answer("demo", "alice") == (True, True, ("main", "screen"), ENDS_AT)
    assert deployment.answer("demo", "bob") == LOGIN
    assert deployment.answer("demo", "carol") == (False, False, None, ENDS_AT)
    assert deployment.answer("demo", "dave") == "no-grant"
    assert deployment.answer("other", "alice") == "no-grant"


def test_who_is_no_longer_listed_loses_its_grant(deployment: Deployment) -> None:
    # given
    deployment(scheduled(SPEAKER, "bob"))

    # when
    update = scheduled("alice", "carol", revision=2, ends_at=ENDS_AT - 1)
    deployment(update | {"detail-type": "Zego Room Updated"})

    # then
    assert deployment.answer("demo", "alice") == (True, False, None, ENDS_AT - 1)
    assert deployment.answer("demo", "bob") == "no-grant"
    assert deployment.answer("demo", "carol") == (True, False, None, ENDS_AT - 1)
    assert len(room_rows(deployment)) == 3  # nothing is left of what was


def test_a_cancelled_room_stays_closed_to_older_events_but_not_to_a_newer_one(deployment: Deployment) -> None:
    # given
    deployment(scheduled("alice", revision=4))

    # when
    deployment(cancelled(5))

    # then: neither repetition nor what is older opens it
    for event in (scheduled("alice", revision=4), scheduled("bob", revision=5), cancelled(5), cancelled(3)):
        deployment(event)
        assert deployment.answer("demo", "alice") == "room-cancelled"
        assert deployment.answer("demo", "bob") == "room-cancelled"
    assert [row["sk"]["S"] for row in room_rows(deployment)] == ["#ROOM"]

    # when
    deployment(scheduled("bob", revision=6))

    # then
    assert deployment.answer("demo", "bob") == LOGIN
    assert deployment.answer("demo", "alice") == "no-grant"


def test_a_cancelled_room_lets_in_nobody_of_a_roster_either(deployment: Deployment) -> None:
    deployment(roster_batch({0: row_of("alice")}))
    assert deployment.answer("demo", "alice") == LOGIN

    deployment(cancelled(1))

    assert deployment.answer("demo", "alice") == "room-cancelled"


def test_of_two_rosters_the_later_one_counts_and_of_its_rows_the_last(deployment: Deployment) -> None:
    of_morning = roster_batch({7: row_of("alice", publish="true")}, uploaded_at=at_hour(9))
    of_noon = roster_batch(
        {0: row_of("alice", stream_ids="first"), 1: row_of("alice", stream_ids="second")},
        uploaded_at=at_hour(12),
    )

    for events in permutations((of_morning, of_noon, of_noon)):
        deployment.clear()
        for event in events:
            deployment(event)

        assert deployment.answer("demo", "alice") == (True, False, ("second",), ENDS_AT)
        assert [grant.participant.stream_ids for grant in deployment.listed("demo", 1)] == [("second",)]


EVENTS = {
    "scheduled": scheduled(SPEAKER, "bob"),
    "updated": scheduled("bob", "carol", revision=2),
    "cancelled": cancelled(3),
    "scheduled again": scheduled("alice", "dave", revision=4),
}


@pytest.mark.parametrize("last", ["cancelled", "scheduled again"])
def test_any_order_ends_in_the_same_rows(deployment: Deployment, last: str) -> None:
    # given: what the newest event alone leaves behind
    events = [*EVENTS.values()][: [*EVENTS].index(last) + 1]
    deployment(events[-1])
    alone = room_rows(deployment)

    # then: all of them, in any order and one of them twice, leave the same
    for order in permutations(events):
        deployment.clear()
        for event in (*order, order[0]):
            deployment(event)
        assert room_rows(deployment) == alone


def test_two_contents_of_one_revision_end_in_the_same_state_in_any_order(deployment: Deployment) -> None:
    contents = [
        scheduled("alice", "bob"),
        scheduled("bob", "carol"),
        scheduled("alice", "bob", ends_at=ENDS_AT - 1),
    ]

    states = []
    for order in permutations(contents):
        deployment.clear()
        for event in order:
            deployment(event)
        states.append(room_rows(deployment))

    assert all(state == states[0] for state in states)
    assert len(states[0]) == 3


def test_participants_in_another_order_are_the_same_content(deployment: Deployment) -> None:
    deployment(scheduled("alice", "bob"))
    assert deployment(scheduled("bob", "alice"))["outcome"] == "repeated"


@pytest.mark.parametrize(
    ("first", "meanwhile"),
    [
        ("scheduled", "scheduled"),
        ("scheduled", "updated"),
        ("updated", "scheduled"),
        ("scheduled", "cancelled"),
        ("cancelled", "scheduled"),
        ("updated", "scheduled again"),
    ],
)
def test_an_event_that_comes_while_another_is_handled(
    deployment: Deployment, first: str, meanwhile: str
) -> None:
    """The other one runs in full before the first one's call 0, 1, 2, … of the table."""
    # given: what both leave behind, one after the other
    for name in sorted((first, meanwhile), key=[*EVENTS].index):
        deployment(EVENTS[name])
    in_order = room_rows(deployment)

    call, was_interrupted = 0, True
    while was_interrupted:
        # when
        deployment.clear()
        clients = Clients.new()
        interruption = Interruption(lambda: deployment(EVENTS[meanwhile]), call)
        clients.dynamodb.meta.events.register("before-call", interruption)
        invoke(deployment.handler_over(clients), EVENTS[first])

        # then
        was_interrupted = interruption.happened
        if was_interrupted:
            assert room_rows(deployment) == in_order, f"before call {call}"
        call += 1
    assert call > 4


class Interruption:
    """Does something before one of a client's calls."""

    def __init__(self, action: Any, call: int) -> None:
        self._action = action
        self._calls_left = call
        self.happened = False

    def __call__(self, **_: object) -> None:
        self._calls_left -= 1
        if self._calls_left == -1:
            self.happened = True
            self._action()


def test_an_update_is_seen_whole_or_not_at_all(deployment: Deployment) -> None:
    """Between any two of its calls, admission and the list show one revision."""
    users = [f"user-{number}" for number in range(30)]

    def seen() -> tuple[set[Any], set[int]]:
        answers = {deployment.answer("demo", user) for user in ("user-0", "user-29")}
        return answers, {grant.revision for grant in deployment.listed("demo", 20)}

    # given
    before, after = {LOGIN}, {(True, True, None, ENDS_AT)}
    deployment(scheduled(*users))
    states = []
    clients = Clients.new()
    clients.dynamodb.meta.events.register("before-call", lambda **_: states.append(seen()))

    # when
    publishers = [{"user_id": user, "publish": True} for user in users]
    invoke(deployment.handler_over(clients), scheduled(*publishers, revision=2))

    # then
    assert states[0] == (before, {1})
    assert states[-1] == (after, {2})
    assert all(state in (states[0], states[-1]) for state in states)


def test_who_enters_during_an_update_gets_in_by_one_revision_or_the_other(deployment: Deployment) -> None:
    call, was_interrupted = 0, True
    while was_interrupted:
        # given
        deployment.clear()
        deployment(scheduled("alice"))
        update = Interruption(lambda: deployment(scheduled(SPEAKER, revision=2)), call)

        # when: the update runs in full before one of admission's calls
        clients = Clients.new()
        clients.dynamodb.meta.events.register("before-call", update)
        service, deployment.service = deployment.service, deployment.service_over(clients)
        answer = deployment.answer("demo", "alice")
        deployment.service = service

        # then
        assert answer in (LOGIN, (True, True, ("main", "screen"), ENDS_AT)), f"before call {call}"
        was_interrupted = update.happened
        call += 1
    assert call > 2


def test_the_list_comes_in_pages_of_any_size(deployment: Deployment) -> None:
    # given: scheduled users, some of them in rosters too, rows that no longer count, and hostile ids
    users = ["a", "a#b", 'a"', "b", "é", "日本", "z#", "~"]
    deployment(scheduled(*users))
    deployment(roster_batch({index: row_of(user) for index, user in enumerate(users[2:])}))
    deployment(roster_batch({index: row_of(user) for index, user in enumerate(users[:5])}, execution="again"))
    whole = deployment.listed("demo", 100)
    assert sorted(grant.participant.user_id for grant in whole) == sorted(users * 2)

    # then
    for size in range(1, 20):
        assert deployment.listed("demo", size) == whole, size


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "rule_or_none"),
    [(STARTS_AT, STARTS_AT + 1, "too-late"), (ENDS_AT - 1, ENDS_AT, "too-early")],
)
def test_nobody_enters_outside_of_the_window(
    deployment: Deployment, starts_at: int, ends_at: int, rule_or_none: str
) -> None:
    deployment(scheduled("alice", starts_at=starts_at, ends_at=ends_at))
    assert deployment.answer("demo", "alice") == rule_or_none


ROOMS = ("demo", "demo#1")
USERS = ("alice", 'c"#d', "日本")
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
    examples = settings().max_examples // 10
    run_state_machine_as_test(
        Events, settings=settings(max_examples=examples, stateful_step_count=20, phases=phases)
    )
