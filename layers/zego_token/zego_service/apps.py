"""Which app a request is about, and whether it is served: one rule for routes, events and rosters."""

from zego_service.callers import Caller
from zego_service.clock import Instant
from zego_service.errors import InvalidRequestError, ServiceError, UnknownAppError
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings


def configured_app(app_id: int | None, settings: Settings) -> int:
    """The app that is named, by default the deployment's.

    Raises :class:`InvalidRequestError` where neither names one, and :class:`UnknownAppError` where the
    deployment has one secret, for another app.
    """
    named = app_id if app_id is not None else settings.default_app_id
    if named is None:
        raise InvalidRequestError("app_id is required: this deployment has no default app", "app_id")
    if settings.secret_name_of(named) is None:
        raise UnknownAppError
    return named


def app_for(caller: Caller, app_id: int | None, settings: Settings) -> int:
    """The app that a caller's request is about. Raises as :func:`configured_app` does.

    A user belongs to the deployment's own app. For a user, every other app is unknown.
    """
    named = configured_app(app_id, settings)
    if not caller.is_service and named != settings.default_app_id:
        raise UnknownAppError
    return named


class Apps:
    """The apps that a deployment serves: its own, and those whose secret can be read."""

    def __init__(self, settings: Settings, secrets: SecretStore) -> None:
        self._settings = settings
        self._secrets = secrets

    def require(self, caller: Caller, app_id: int | None, now: Instant) -> int:
        """The app that a caller's request is about, which is served. Raises as :func:`app_for` does.

        An app counts as served while its secret cannot be read, so that revoking still works. For the
        deployment's own app, no secret is read.
        """
        named = app_for(caller, app_id, self._settings)
        if named != self._settings.default_app_id:
            self._require_served(named, now)
        return named

    def _require_served(self, app_id: int, now: Instant) -> None:
        try:
            self._secrets.get(app_id, now)
        except UnknownAppError:
            raise
        except ServiceError:
            return
