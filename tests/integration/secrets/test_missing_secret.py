"""What the API answers where the deployment's own app has no ServerSecret."""

from typing import TYPE_CHECKING

import pytest

from tests.api import create_api
from tests.factories import APP_ID, TRIGGERS, token_event
from zego_service.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.mark.parametrize("stored", ["nothing", "a secret without a value", "a deleted secret"])
def test_it_is_unavailable_and_other_apps_stay_unknown(
    secrets_manager: "SecretsManagerClient", settings: Settings, stored: str
) -> None:
    if stored != "nothing":
        secrets_manager.create_secret(Name=f"zego/{APP_ID}")
    if stored == "a deleted secret":
        secrets_manager.delete_secret(SecretId=f"zego/{APP_ID}")
    api = create_api(secrets_manager, settings)

    for trigger in TRIGGERS:
        answer = api(token_event(trigger))

        assert (answer.status, answer.headers["retry-after"]) == (503, "30")
        assert answer.json["type"].endswith(":secret-missing")
        assert api(token_event(trigger, {"app_id": 5})).status == 404
