"""A line to Secrets Manager that a test can cut."""

from typing import TYPE_CHECKING, Any

from tests.factories import APP_ID
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


def put(client: "SecretsManagerClient", value: str, app_id: int = APP_ID) -> None:
    if any(secret["Name"] == f"zego/{app_id}" for secret in client.list_secrets()["SecretList"]):
        client.put_secret_value(SecretId=f"zego/{app_id}", SecretString=value)
    else:
        client.create_secret(Name=f"zego/{app_id}", SecretString=value)
