"""The secret store over Secrets Manager: caching, rotation, outages, what it never does."""

import gc
import json
import socket
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.clocks import FakeClock
from tests.factories import APP_ID, OTHER_SECRET, SECRET
from tests.outages import OUTAGES
from tests.output import Written
from zego_service import secret_store
from zego_service.errors import SecretMalformedError, SecretUnavailableError, UnknownAppError
from zego_service.secret_store import SecretStore, secrets_manager_client
from zego_service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_secretsmanager import SecretsManagerClient


SETTINGS = Settings(default_app_id=APP_ID, secret_ttl_seconds=300, secret_stale_seconds=3600)


class QuietHandler(WSGIRequestHandler):
    """Does not log each request."""

    def log_request(self, *_: object) -> None:
        pass


class Line:
    """Secrets Manager with a line that can be cut; counts the calls."""

    def __init__(self, client: "SecretsManagerClient") -> None:
        self._client = client
        self.outage: Exception | None = None
        self.hang: Callable[[], None] = lambda: None
        self.calls = 0

    def get_secret_value(self, **arguments: Any) -> Any:
        self.calls += 1
        self.hang()
        if self.outage is not None:
            raise self.outage
        return self._client.get_secret_value(**arguments)


@pytest.fixture
def line(secrets_manager: "SecretsManagerClient") -> Line:
    return Line(secrets_manager)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(line: Line, clock: FakeClock) -> SecretStore:
    return SecretStore(line, SETTINGS, clock)  # type: ignore[arg-type]


def put(client: "SecretsManagerClient", value: str, app_id: int = APP_ID) -> None:
    if any(secret["Name"] == f"zego/{app_id}" for secret in client.list_secrets()["SecretList"]):
        client.put_secret_value(SecretId=f"zego/{app_id}", SecretString=value)
    else:
        client.create_secret(Name=f"zego/{app_id}", SecretString=value)


def test_a_secret_is_read_once_in_its_ttl(
    secrets_manager: "SecretsManagerClient", store: SecretStore, line: Line, clock: FakeClock
) -> None:
    put(secrets_manager, SECRET)

    for _ in range(269):
        assert store.get(APP_ID) == SECRET
        clock.run(1)

    assert line.calls == 1


def test_a_rotation_is_seen_within_the_ttl_without_a_failure(
    secrets_manager: "SecretsManagerClient", store: SecretStore, clock: FakeClock
) -> None:
    put(secrets_manager, SECRET)
    assert store.get(APP_ID) == SECRET
    put(secrets_manager, OTHER_SECRET)

    seen = []
    for _ in range(300):
        clock.run(1)
        seen.append(store.get(APP_ID))

    assert set(seen) == {SECRET, OTHER_SECRET}
    assert seen[-1] == OTHER_SECRET


def test_a_rotation_while_the_secret_is_being_read_is_seen_within_the_ttl(
    secrets_manager: "SecretsManagerClient", clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the longest TTL, an answer that takes two seconds, and a rotation in the meantime
    monkeypatch.setattr("secrets.randbelow", lambda _: 0)

    class SlowLine(Line):
        def get_secret_value(self, **arguments: Any) -> Any:
            answer = super().get_secret_value(**arguments)
            put(secrets_manager, OTHER_SECRET)
            clock.run(2)
            return answer

    put(secrets_manager, SECRET)
    store = SecretStore(SlowLine(secrets_manager), SETTINGS, clock)  # type: ignore[arg-type]
    assert store.get(APP_ID) == SECRET

    # when
    clock.run(298)

    # then
    assert store.get(APP_ID) == OTHER_SECRET


def test_a_thawed_function_reads_the_secret_again(
    secrets_manager: "SecretsManagerClient", store: SecretStore, clock: FakeClock
) -> None:
    put(secrets_manager, SECRET)
    store.get(APP_ID)
    put(secrets_manager, OTHER_SECRET)

    clock.freeze(10_000)

    assert store.get(APP_ID) == OTHER_SECRET


def test_a_wall_clock_that_is_set_back_does_not_keep_a_secret_forever(
    secrets_manager: "SecretsManagerClient", store: SecretStore, clock: FakeClock
) -> None:
    put(secrets_manager, SECRET)
    store.get(APP_ID)
    put(secrets_manager, OTHER_SECRET)

    clock.set_wall_back(1_000_000)
    clock.run(300)

    assert store.get(APP_ID) == OTHER_SECRET


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: str(outage)[:60])
def test_an_outage_serves_the_last_good_secret_for_a_bounded_time(
    secrets_manager: "SecretsManagerClient",
    store: SecretStore,
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
    clock.run(secret_store.RETRY_SECONDS)
    assert store.get(APP_ID) == SECRET


def test_an_outage_costs_one_slow_call_in_a_while(
    secrets_manager: "SecretsManagerClient", store: SecretStore, line: Line, clock: FakeClock
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


def test_a_failure_pins_no_request_in_memory(store: SecretStore) -> None:
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
def test_an_outage_without_a_secret_is_unavailable(store: SecretStore, line: Line, outage: Exception) -> None:
    line.outage = outage

    for _ in range(3):
        with pytest.raises(SecretUnavailableError) as unavailable:
            store.get(APP_ID)

    assert unavailable.value.retry_after == 5
    assert line.calls == 1


def test_an_unknown_app_is_remembered_for_a_short_time(
    secrets_manager: "SecretsManagerClient", store: SecretStore, line: Line, clock: FakeClock
) -> None:
    for _ in range(3):
        with pytest.raises(UnknownAppError):
            store.get(5)
    assert line.calls == 1

    put(secrets_manager, SECRET, app_id=5)
    clock.run(secret_store.UNKNOWN_APP_SECONDS)
    assert store.get(5) == SECRET


def test_another_app_that_the_role_may_not_read_is_unknown(store: SecretStore, line: Line) -> None:
    line.outage = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "…"}}, "GetSecretValue")

    with pytest.raises(UnknownAppError):
        store.get(5)


def test_a_secret_without_a_value_is_unknown_and_the_operator_is_told(
    secrets_manager: "SecretsManagerClient", store: SecretStore, written: Written
) -> None:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}")

    with pytest.raises(UnknownAppError):
        store.get(APP_ID)

    assert "no value in it yet" in written()


def test_a_deleted_secret_is_unknown_at_the_next_refresh(
    secrets_manager: "SecretsManagerClient", store: SecretStore, clock: FakeClock
) -> None:
    put(secrets_manager, SECRET)
    store.get(APP_ID)

    secrets_manager.delete_secret(SecretId=f"zego/{APP_ID}")
    clock.run(300)

    with pytest.raises(UnknownAppError):
        store.get(APP_ID)


def test_a_malformed_secret_is_told_to_the_operator_without_showing_it(
    secrets_manager: "SecretsManagerClient", store: SecretStore, written: Written
) -> None:
    put(secrets_manager, SECRET * 2)

    with pytest.raises(SecretMalformedError):
        store.get(APP_ID)

    text = written()
    assert "AppSign" in text
    assert SECRET not in text


def test_a_rotation_to_a_malformed_secret_keeps_the_last_good_one(
    secrets_manager: "SecretsManagerClient",
    store: SecretStore,
    clock: FakeClock,
    written: Written,
) -> None:
    put(secrets_manager, SECRET)
    store.get(APP_ID)
    put(secrets_manager, "oops")
    clock.run(300)

    assert store.get(APP_ID) == SECRET
    assert "4 bytes long" in written()


def test_a_deployment_with_one_secret_asks_for_no_other(line: Line, clock: FakeClock) -> None:
    settings = Settings(default_app_id=APP_ID, secret_name="the-only-one")
    store = SecretStore(line, settings, clock)  # type: ignore[arg-type]

    with pytest.raises(UnknownAppError):
        store.get(5)

    assert line.calls == 0


def test_apps_that_nobody_knows_do_not_fill_the_memory(
    store: SecretStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_store, "MAX_REMEMBERED_FAILURES", 10)

    for app_id in range(1, 100):
        with pytest.raises(UnknownAppError):
            store.get(app_id)

    assert len(store._failed) <= 10


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

    server = make_server("127.0.0.1", 0, refuse, request_handler=QuietHandler)
    serving = threading.Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    boto3.setup_default_session()
    store = SecretStore(secrets_manager_client(), SETTINGS)

    # when
    try:
        for _ in range(3):
            with pytest.raises(SecretUnavailableError):
                store.get(APP_ID)
    finally:
        server.shutdown()
        serving.join()
        server.server_close()

    # then: the pause between requests is respected too
    assert asked == ["secretsmanager.GetSecretValue"] * questions


def test_a_dead_endpoint_is_given_up_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    # given: an endpoint that accepts connections and never answers
    with socket.create_server(("127.0.0.1", 0)) as dead:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{dead.getsockname()[1]}")
        boto3.setup_default_session()
        store = SecretStore(secrets_manager_client(), SETTINGS)
        started = time.monotonic()

        # when
        with pytest.raises(SecretUnavailableError):
            store.get(APP_ID)

    # then: well inside the function's timeout of ten seconds
    assert time.monotonic() - started < 9
