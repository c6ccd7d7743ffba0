"""The secret store over Secrets Manager: caching, rotations and secrets that are none."""

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.clocks import FakeClock
from tests.factories import APP_ID, OTHER_SECRET, SECRET
from tests.output import Written
from tests.secret_line import Line, Store, put
from zego_service import secret_store
from zego_service.errors import SecretMalformedError, SecretMissingError, UnknownAppError
from zego_service.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def test_a_secret_is_read_once_in_its_ttl(
    secrets_manager: "SecretsManagerClient", store: Store, line: Line, clock: FakeClock
) -> None:
    put(secrets_manager, SECRET)

    for _ in range(269):
        assert store.get(APP_ID) == SECRET
        clock.run(1)

    assert line.calls == 1


def test_a_rotation_is_seen_within_the_ttl_without_a_failure(
    secrets_manager: "SecretsManagerClient", store: Store, clock: FakeClock
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
    store = Store(SlowLine(secrets_manager), clock)
    assert store.get(APP_ID) == SECRET

    # when
    clock.run(298)

    # then
    assert store.get(APP_ID) == OTHER_SECRET


def test_a_thawed_function_reads_the_secret_again(
    secrets_manager: "SecretsManagerClient", store: Store, clock: FakeClock
) -> None:
    put(secrets_manager, SECRET)
    store.get(APP_ID)
    put(secrets_manager, OTHER_SECRET)

    clock.freeze(10_000)

    assert store.get(APP_ID) == OTHER_SECRET


def test_a_wall_clock_that_is_set_back_does_not_keep_a_secret_forever(
    secrets_manager: "SecretsManagerClient", store: Store, clock: FakeClock
) -> None:
    put(secrets_manager, SECRET)
    store.get(APP_ID)
    put(secrets_manager, OTHER_SECRET)

    clock.set_wall_back(1_000_000)
    clock.run(300)

    assert store.get(APP_ID) == OTHER_SECRET


def test_an_unknown_app_is_remembered_for_a_short_time(
    secrets_manager: "SecretsManagerClient", store: Store, line: Line, clock: FakeClock
) -> None:
    for _ in range(3):
        with pytest.raises(UnknownAppError):
            store.get(5)
    assert line.calls == 1

    put(secrets_manager, SECRET, app_id=5)
    clock.run(secret_store.ABSENT_SECONDS)
    assert store.get(5) == SECRET


def test_another_app_that_the_role_may_not_read_is_unknown(store: Store, line: Line) -> None:
    line.outage = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "…"}}, "GetSecretValue")

    with pytest.raises(UnknownAppError):
        store.get(5)


def test_a_secret_without_a_value_is_missing_and_the_operator_is_told(
    secrets_manager: "SecretsManagerClient", store: Store, written: Written
) -> None:
    secrets_manager.create_secret(Name=f"zego/{APP_ID}")

    with pytest.raises(SecretMissingError):
        store.get(APP_ID)

    assert "no value in it yet" in written()


def test_a_deleted_secret_is_missing_at_the_next_refresh(
    secrets_manager: "SecretsManagerClient", store: Store, clock: FakeClock
) -> None:
    put(secrets_manager, SECRET)
    store.get(APP_ID)

    secrets_manager.delete_secret(SecretId=f"zego/{APP_ID}")
    clock.run(300)

    with pytest.raises(SecretMissingError):
        store.get(APP_ID)


def test_a_malformed_secret_is_told_to_the_operator_without_showing_it(
    secrets_manager: "SecretsManagerClient", store: Store, written: Written
) -> None:
    put(secrets_manager, SECRET * 2)

    with pytest.raises(SecretMalformedError):
        store.get(APP_ID)

    text = written()
    assert "AppSign" in text
    assert SECRET not in text


def test_a_rotation_to_a_malformed_secret_keeps_the_last_good_one(
    secrets_manager: "SecretsManagerClient",
    store: Store,
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
    store = Store(line, clock, settings)

    with pytest.raises(UnknownAppError):
        store.get(5)

    assert line.calls == 0


def test_apps_that_nobody_knows_do_not_fill_the_memory(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_store, "MAX_REMEMBERED_FAILURES", 10)

    for app_id in range(1, 100):
        with pytest.raises(UnknownAppError):
            store.get(app_id)

    assert len(store.store._failed) <= 10
