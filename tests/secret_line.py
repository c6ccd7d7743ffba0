"""A line to Secrets Manager that a test can cut."""

from typing import TYPE_CHECKING, Any

from tests.factories import APP_ID
from zego_service.clients import Clients
from zego_service.clock import Clock, Instant
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_secretsmanager import SecretsManagerClient


SETTINGS = Settings(default_app_id=APP_ID, secret_ttl_seconds=300, secret_stale_seconds=3600)


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


class Store:
    """A secret store that is asked at the time that a clock shows."""

    def __init__(self, client: object, clock: Clock = Instant.now, settings: Settings = SETTINGS) -> None:
        self.store = SecretStore(
            Clients(made={} if client is None else {"secretsmanager": client}), settings, clock
        )
        self._clock = clock

    def get(self, app_id: int) -> str:
        return self.store.get(app_id, self._clock())


def put(client: "SecretsManagerClient", value: str, app_id: int = APP_ID) -> None:
    if any(secret["Name"] == f"zego/{app_id}" for secret in client.list_secrets()["SecretList"]):
        client.put_secret_value(SecretId=f"zego/{app_id}", SecretString=value)
    else:
        client.create_secret(Name=f"zego/{app_id}", SecretString=value)
