"""Which app a request is about."""

import pytest

from tests.policy_requests import ALICE, BACKEND, SETTINGS
from zego_service.apps import app_for
from zego_service.callers import Caller
from zego_service.errors import InvalidRequestError, UnknownAppError
from zego_service.settings import Settings


@pytest.mark.parametrize(
    ("caller", "app_id", "settings", "expected"),
    [
        (BACKEND, None, SETTINGS, 1),
        (BACKEND, 2, SETTINGS, 2),
        (BACKEND, None, Settings(), InvalidRequestError),
        (ALICE, None, SETTINGS, 1),
        (ALICE, 1, SETTINGS, 1),
        (ALICE, 2, SETTINGS, UnknownAppError),
        (ALICE, 2, Settings(), UnknownAppError),
        (ALICE, None, Settings(), InvalidRequestError),
        (BACKEND, 1, Settings(default_app_id=1, secret_name="only"), 1),
        (BACKEND, 2, Settings(default_app_id=1, secret_name="only"), UnknownAppError),
    ],
)
def test_a_user_is_of_the_deployments_app(
    caller: Caller, app_id: int | None, settings: Settings, expected: int | type[Exception]
) -> None:
    if isinstance(expected, int):
        assert app_for(caller, app_id, settings) == expected
    else:
        with pytest.raises(expected):
            app_for(caller, app_id, settings)
