"""What the secret store does while Secrets Manager is away."""

import gc
import json
import socket
import time
import weakref
from typing import TYPE_CHECKING

import boto3
import pytest
from werkzeug.wrappers import Request, Response

from tests.clocks import FakeClock
from tests.factories import APP_ID, SECRET
from tests.loopback import served
from tests.outages import OUTAGES
from tests.output import Written
from tests.secret_line import Line, Store, put
from zego_service.errors import RETRY_SECONDS, SecretUnavailableError, UnknownAppError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: str(outage)[:60])
def test_an_outage_serves_the_last_good_secret_for_a_bounded_time(
    secrets_manager: "SecretsManagerClient",
    store: Store,
    line: Line,
    clock: FakeClock,
    outage: Exception,
    written: Written,
) -> None:
    # given: a secret, then an outage
    put(secrets_manager, SECRET)
    store.get(APP_ID)
    line.outage = outage

    # when: the secret would have to be refreshed, then it is served all the same, and a metric counts
    clock.run(301)
    assert store.get(APP_ID) == SECRET
    assert '"SecretRefreshFailed":[1.0]' in written()
    clock.run(3500)
    assert store.get(APP_ID) == SECRET

    # but not a second longer than the time that the deployment sets
    clock.run(89)
    assert store.get(APP_ID) == SECRET
    clock.run(10)
    with pytest.raises(SecretUnavailableError):
        store.get(APP_ID)

    # and once it is over, all is well
    line.outage = None
    clock.run(RETRY_SECONDS)
    assert store.get(APP_ID) == SECRET


def test_an_outage_costs_one_slow_call_in_a_while(
    secrets_manager: "SecretsManagerClient", store: Store, line: Line, clock: FakeClock
) -> None:
    # given: an outage in which each call hangs for six seconds
    put(secrets_manager, SECRET)
    store.get(APP_ID)
    line.outage = OUTAGES[0]
    line.hang = lambda: clock.run(6)
    clock.run(300)

    # when: a request comes every second for half a minute
    for _ in range(30):
        assert store.get(APP_ID) == SECRET
        clock.run(1)

    # then: one of them had to wait, and the next will after half a minute
    assert line.calls == 2
    store.get(APP_ID)
    assert line.calls == 3


def test_a_failure_pins_no_request_in_memory(store: Store) -> None:
    class Body:
        pass

    def request() -> "weakref.ref[Body]":
        body = Body()
        with pytest.raises(UnknownAppError):
            store.get(5)
        return weakref.ref(body)

    bodies = [request() for _ in range(3)]
    gc.collect()

    assert [body() for body in bodies] == [None, None, None]


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: str(outage)[:60])
def test_an_outage_without_a_secret_is_unavailable(store: Store, line: Line, outage: Exception) -> None:
    line.outage = outage

    for _ in range(3):
        with pytest.raises(SecretUnavailableError) as unavailable:
            store.get(APP_ID)

    assert unavailable.value.retry_after == 5
    assert line.calls == 1


@pytest.mark.parametrize(
    ("status", "error", "questions"),
    [
        (400, "ThrottlingException", 2),
        (500, "InternalServiceError", 2),
        (503, "ServiceUnavailable", 2),
        (400, "AccessDeniedException", 1),
        (400, "DecryptionFailure", 1),
    ],
)
def test_secrets_manager_is_asked_twice_at_most(
    monkeypatch: pytest.MonkeyPatch, status: int, error: str, questions: int
) -> None:
    # given: an endpoint that answers every question with the same error
    asked = []

    @Request.application
    def refuse(request: Request) -> Response:
        asked.append(request.headers["X-Amz-Target"])
        body = json.dumps({"__type": error, "message": "…"})
        return Response(body, status, content_type="application/x-amz-json-1.1")

    with served(refuse) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        boto3.setup_default_session()
        store = Store(None)

        # when
        for _ in range(3):
            with pytest.raises(SecretUnavailableError):
                store.get(APP_ID)

    # then: the pause between requests is respected too
    assert asked == ["secretsmanager.GetSecretValue"] * questions


def test_a_dead_endpoint_is_given_up_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    # given: an endpoint that accepts connections and never answers
    with socket.create_server(("127.0.0.1", 0)) as dead:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{dead.getsockname()[1]}")
        boto3.setup_default_session()
        store = Store(None)
        started = time.monotonic()

        # when
        with pytest.raises(SecretUnavailableError):
            store.get(APP_ID)

    # then: well inside the function's timeout of ten seconds
    assert time.monotonic() - started < 9
