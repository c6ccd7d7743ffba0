"""A room ends in the state of its highest revision, whatever order its events come in."""

from itertools import permutations
from typing import Any

import pytest

from tests.deployment import LOGIN, Deployment, invoke
from tests.provisioning_events import (
    ENDS_AT,
    STARTS_AT,
    at_hour,
    cancelled,
    roster_batch,
    row_of,
    scheduled,
)

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
        clients = deployment.clients.with_its_own_table()
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
    clients = deployment.clients.with_its_own_table()
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
        clients = deployment.clients.with_its_own_table()
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
    users = ["a", "a#b", "a\\", "b", "c'", "d,e", "z#", "~"]
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
