"""Requests that meet in one warm process share nothing.

Lambda gives a process one request at a time, and Powertools' resolvers are made for that: whole requests are
tried in alternation. What lies below the resolver is tried with requests that really overlap.
"""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local.aws import create_table
from tests.api import Api, handler_over, service_over
from tests.factories import (
    APP_ID,
    OPEN_SETTINGS,
    OTHER_SECRET,
    SECRET,
    as_user,
    sample_event,
    token_event,
    without_caller,
)
from tests.independent import open_token
from tests.output import Written
from tests.revocation_requests import revocations_event
from zego_service.callers import PUBLISH, Caller, CallerKind
from zego_service.clock import Instant
from zego_service.issuing.requests import IssuedToken, RoomPrivilege, TokenRequest

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

OTHER_APP_ID = 5
SETTINGS = replace(OPEN_SETTINGS, secret_ttl_seconds=1)
BACKEND = Caller(CallerKind.SERVICE, "backend", frozenset({PUBLISH}), "jwt")
ALICE = Caller(CallerKind.USER, "alice", frozenset({PUBLISH}), "jwt")
BOB = Caller(CallerKind.USER, "bob", frozenset(), "jwt")
SPEAK = RoomPrivilege(login=True, publish=True)

ON_STAGE = {"room_id": "demo", "privilege": {"login": True, "publish": True}, "stream_ids": ["s1"]}
EVENTS = {
    "a service": sample_event("function_url_token03"),
    "a service, without a room": token_event("rest_api", {"app_id": OTHER_APP_ID}),
    "alice on stage": as_user(token_event(fields=ON_STAGE), {"sub": "alice", "scope": "zego:publish"}),
    "bob": as_user(token_event("rest_api", {"user_id": "bob", "room_id": "demo"}), {"sub": "bob"}),
    "bob, who wants more": as_user(token_event("http_api", {"user_id": "bob", **ON_STAGE}), {"sub": "bob"}),
    "a bad request": as_user(token_event("function_url", body="{"), {"sub": "carol"}),
    "nobody": without_caller(token_event()),
    "a stranger's event": {"requestContext": {"elb": {}}},
    "a revoker": revocations_event("GET", "rest_api"),
    "no route": token_event() | {"rawPath": "/v1/nothing"},
}
OF_THE_MOMENT = {
    "timestamp", "cold_start", "_aws", "token_fingerprint", "issued_at", "expires_at", "refresh_after",
    "nonce", "ctime", "expire", "create_time", "expire_time",
}  # fmt: skip


def lasting(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in OF_THE_MOMENT}


def opened_by(token: str) -> tuple[str, dict[str, Any]]:
    """The secret that opens the token, and what is in it."""
    for secret in (SECRET, OTHER_SECRET):
        try:
            return secret, open_token(token, secret).content
        except Exception:  # noqa: BLE001, S112, the wrong key fails in many ways
            continue
    pytest.fail("no secret opens the token")


@pytest.fixture
def secrets(secrets_manager: "SecretsManagerClient") -> "SecretsManagerClient":
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    secrets_manager.create_secret(Name=f"zego/{OTHER_APP_ID}", SecretString=OTHER_SECRET)
    create_table()
    return secrets_manager


def test_a_warm_process_answers_and_logs_as_a_fresh_one(
    secrets: "SecretsManagerClient", written: Written
) -> None:
    def process() -> Api:
        return Api(handler_over(secrets, SETTINGS, boto3.client("dynamodb")))

    def seen(api: Api, name: str) -> Any:
        """All that can be seen of a request, but for the time and what is random."""
        written()
        answer = api(EVENTS[name])
        body = lasting(answer.json)
        if "token" in body:
            secret, content = opened_by(body.pop("token"))
            body |= {"secret": secret, "content": lasting(content)}
        lines = [lasting(json.loads(line)) for line in written().splitlines()]
        return answer.status, answer.headers, body, lines

    # given: what each request is answered with by a process of its own
    alone = {name: seen(process(), name) for name in EVENTS}

    # when: one process takes each of them after each other
    warm = process()

    # then
    for before, name in product(EVENTS, repeat=2):
        warm(EVENTS[before])
        assert (before, seen(warm, name)) == (before, alone[name])


class SlowLine:
    """Secrets Manager whose first answer waits until it is let go."""

    def __init__(self, client: "SecretsManagerClient") -> None:
        self._client = client
        self.is_asked, self.may_answer = threading.Event(), threading.Event()

    def get_secret_value(self, **arguments: Any) -> Any:
        if not self.is_asked.is_set():
            self.is_asked.set()
            assert self.may_answer.wait(10)
        return self._client.get_secret_value(**arguments)


@pytest.mark.parametrize(
    ("caller", "request_meanwhile", "secret"),
    [
        (BOB, TokenRequest(user_id="bob", room_id="demo"), SECRET),
        (BACKEND, TokenRequest(user_id="bob", app_id=OTHER_APP_ID, payload=""), OTHER_SECRET),
    ],
    ids=["of the same app", "of another app"],
)
def test_a_request_overtakes_one_that_waits_for_its_secret(
    secrets: "SecretsManagerClient", caller: Caller, request_meanwhile: TokenRequest, secret: str
) -> None:
    # given: a request that waits
    line = SlowLine(secrets)
    issuer = service_over(line, SETTINGS, boto3.client("dynamodb")).issuer  # type: ignore[arg-type]
    waiting_request = TokenRequest(user_id="alice", room_id="demo", privilege=SPEAK, stream_ids=("s1",))
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(issuer.issue, ALICE, waiting_request, Instant.now())
        assert line.is_asked.wait(10)

        # when: another one runs to its end
        overtaker = issuer.issue(caller, request_meanwhile, Instant.now())
        assert not waiting.done()
        line.may_answer.set()
        overtaken = waiting.result(10)

    # then
    assert content_of(overtaken, SECRET) == content_of(
        service_over(secrets, SETTINGS, boto3.client("dynamodb")).issuer.issue(
            ALICE, waiting_request, Instant.now()
        ),
        SECRET,
    )
    assert content_of(overtaker, secret) == content_of(
        service_over(secrets, SETTINGS, boto3.client("dynamodb")).issuer.issue(
            caller, request_meanwhile, Instant.now()
        ),
        secret,
    )


def content_of(issued: IssuedToken, secret: str) -> dict[str, Any]:
    return lasting(open_token(issued.token, secret).content)


def test_a_rotation_while_requests_run_in_parallel_fails_none_of_them(
    secrets: "SecretsManagerClient",
) -> None:
    # given: requests in four threads
    issuer = service_over(secrets, SETTINGS, boto3.client("dynamodb")).issuer
    is_over = threading.Event()

    def requests() -> list[tuple[float, str]]:
        """When each request began, and its token."""
        tokens = []
        while not is_over.wait(0.002):
            began = time.monotonic()
            tokens.append((began, issuer.issue(BACKEND, TokenRequest(user_id="alice"), Instant.now()).token))
        return tokens

    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(requests) for _ in range(4)]
        try:
            # when
            time.sleep(0.3)
            rotates = time.monotonic()
            secrets.put_secret_value(SecretId=f"zego/{APP_ID}", SecretString=OTHER_SECRET)
            rotated = time.monotonic()
            time.sleep(SETTINGS.secret_ttl_seconds + 0.3)
        finally:
            is_over.set()
        tokens = [token for thread in running for token in thread.result(10)]

    # then: every request was answered, with the old secret or the new one
    secrets_used = [(began, opened_by(token)[0]) for began, token in tokens]
    in_use_after = rotated + SETTINGS.secret_ttl_seconds
    assert {secret for began, secret in secrets_used if began < rotates} >= {SECRET}
    assert {secret for began, secret in secrets_used if began >= in_use_after} == {OTHER_SECRET}
