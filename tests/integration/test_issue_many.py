"""Many tokens at a time: each is as if it were asked for alone, and bulk is used where it can be."""

import json
from dataclasses import replace
from typing import Any

import pytest

import zego_token
from tests.deployment import AwsClients, Deployment
from tests.factories import APP_ID, SECRET
from tests.output import Written
from tests.provisioning_events import ENDS_AT, STARTS_AT
from zego_service.callers import ISSUE, PUBLISH, Caller, CallerKind
from zego_service.clock import Instant
from zego_service.errors import NotEntitledError, UnknownAppError
from zego_service.issuing.requests import IssuedToken, RoomPrivilege, TokenRequest
from zego_service.issuing.revocations import Revocation
from zego_token import TokenError, decode_token, generate_tokens04, room_payload

SERVICE = Caller(CallerKind.SERVICE, "backend", frozenset((ISSUE, PUBLISH)), "iam")
NOW = Instant(STARTS_AT, 0)
SPEAKER = RoomPrivilege(publish=True)
LONG = tuple("\\" * 250 for _ in range(90))  # each backslash takes four bytes in a token
REQUESTS = [
    TokenRequest(user_id="alice"),
    TokenRequest(user_id="bob", room_id="demo"),
    TokenRequest(user_id="carol", room_id="demo", privilege=SPEAKER),
    TokenRequest(user_id="dave", room_id="demo"),
    TokenRequest(user_id="eve"),  # who is revoked
    TokenRequest(user_id="frank", room_id="demo", privilege=SPEAKER, stream_ids=LONG),
    TokenRequest(user_id="grace", room_id="demo", privilege=SPEAKER, stream_ids=LONG),
    TokenRequest(user_id="heidi", room_id="demo", privilege=SPEAKER, stream_ids=("s1",)),
    TokenRequest(user_id="ivan", room_id="demo", version="03", privilege=SPEAKER),
    TokenRequest(user_id="judy", room_id="demo", version="03", privilege=SPEAKER),
    TokenRequest(user_id="kim", product="zim", effective_time_in_seconds=90),
    TokenRequest(user_id="leo", effective_time_in_seconds=86_401),  # which is too long
    TokenRequest(user_id="mia", payload=room_payload("demo", publish=True)),
    TokenRequest(user_id="bob", room_id="demo"),
]


@pytest.fixture
def revoked(deployment: Deployment) -> Deployment:
    revocation = Revocation(
        app_id=APP_ID, user_id="eve", room_id=None, until=ENDS_AT, created_at=STARTS_AT, created_by="backend"
    )
    deployment.service.revoking.revocations.put(revocation, NOW)
    return deployment


def content(token: str) -> dict[str, Any]:
    opened = json.loads(decode_token(token, SECRET).plaintext)
    return {name: value for name, value in opened.items() if name != "nonce"}


def test_each_token_and_each_refusal_is_as_if_asked_for_alone(revoked: Deployment, written: Written) -> None:
    # given
    issuer = revoked.service.issuer
    alone: list[IssuedToken | Exception] = []
    for request in REQUESTS:
        try:
            alone.append(issuer.issue(SERVICE, request, NOW))
        except (NotEntitledError, TokenError) as error:
            alone.append(error)
    records = without_fingerprints(written())

    # when
    together = list(issuer.issue_all(SERVICE, REQUESTS, NOW))

    # then
    assert [type(outcome) for outcome in together] == [type(outcome) for outcome in alone]
    refused = [number for number, outcome in enumerate(together) if isinstance(outcome, Exception)]
    assert [REQUESTS[number].user_id for number in refused] == ["eve", "frank", "grace", "leo"]
    for one, other in zip(together, alone, strict=True):
        if isinstance(one, IssuedToken) and isinstance(other, IssuedToken):
            assert replace(one, token="") == replace(other, token="")
            assert content(one.token) == content(other.token)
        else:
            assert str(one) == str(other)
    assert without_fingerprints(written()) == records


def without_fingerprints(output: str) -> list[dict[str, Any]]:
    """The decisions and the counts that were written, without what differs each time."""
    differs = {"timestamp", "token_fingerprint", "location", "_aws"}
    records = map(json.loads, output.splitlines())
    return [{name: value for name, value in record.items() if name not in differs} for record in records]


def test_tokens_that_differ_only_in_the_user_are_made_in_bulk(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    made = []

    def note(app_id: int, user_ids: Any, *arguments: Any, **options: Any) -> Any:
        made.append(list(user_ids))
        return generate_tokens04(app_id, user_ids, *arguments, **options)

    monkeypatch.setattr(zego_token, "generate_tokens04", note, raising=False)
    requests = [
        TokenRequest(user_id=f"user-{number}", room_id="demo", privilege=SPEAKER if number % 3 else None)
        for number in range(30)
    ]

    # when
    tokens = list(deployment.service.issuer.issue_all(SERVICE, requests, NOW))

    # then
    users = [f"user-{number}" for number in range(30)]
    assert [token.user_id for token in tokens if isinstance(token, IssuedToken)] == users
    assert made == [users[::3], [user for number, user in enumerate(users) if number % 3]]


def test_what_keeps_all_of_them_from_being_made_is_raised(deployment: Deployment, written: Written) -> None:
    # given
    clients = AwsClients.new()
    issuer = deployment.service_over(clients).issuer
    requests = [TokenRequest(user_id="alice", app_id=5), TokenRequest(user_id="bob")]

    # when, then: nobody gets a token, and the log says why
    with pytest.raises(UnknownAppError):
        list(issuer.issue_all(SERVICE, requests, NOW))
    records = [
        record for record in without_fingerprints(written()) if record.get("message") == "token decision"
    ]
    assert [(record["outcome"], record["user_id"]) for record in records] == [("refused", "alice")]
