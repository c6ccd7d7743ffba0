"""ServerSecrets from Secrets Manager: checked, cached, and kept during outages."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from zego_service.clients import Clients
from zego_service.clock import Clock, Instant
from zego_service.errors import (
    RETRY_SECONDS,
    OutageError,
    SecretMalformedError,
    SecretMissingError,
    SecretUnavailableError,
    ServiceError,
    UnknownAppError,
)
from zego_service.settings import Settings
from zego_service.telemetry import count, logger
from zego_token import TokenError, read_secret

STALE_RETRY_SECONDS = 30  # with the last good one, there is no hurry
ABSENT_SECONDS = 30  # how long an absent secret is not asked for again
MAX_REMEMBERED_FAILURES = 1000

_ABSENT = {"ResourceNotFoundException", "InvalidRequestException"}  # the latter: marked for deletion
_DENIED = "AccessDeniedException"
_UNAVAILABLE = SecretUnavailableError
_MISSING = partial(SecretMissingError, ABSENT_SECONDS)


@dataclass(frozen=True, slots=True, repr=False)
class _Loaded:
    """A good secret: when it was read, and until when it need not be read again."""

    secret: str
    loaded_at: Instant
    checked_at: Instant
    valid_seconds: float


# A raised error keeps its traceback, and with it the request, so a new one is made each time.
_Failure = Callable[[], ServiceError]


@dataclass(frozen=True, slots=True)
class _Failed:
    make_error: _Failure
    checked_at: Instant
    valid_seconds: float


class SecretStore:
    """The ServerSecrets of the apps that this deployment serves.

    A value is read again after ``secret_ttl_seconds`` at the latest. If that fails, the last good
    one is served for up to ``secret_stale_seconds`` more.
    """

    def __init__(self, clients: Clients, settings: Settings, clock: Clock = Instant.now) -> None:
        self._clients = clients
        self._settings = settings
        self._clock = clock
        self._loaded: dict[int, _Loaded] = {}
        self._failed: dict[int, _Failed] = {}
        self._previous: dict[int, tuple[str | None, Instant]] = {}

    def get(self, app_id: int, now: Instant) -> str:
        """The ServerSecret of an app, for a request that came at ``now``.

        Raises :class:`UnknownAppError`, :class:`SecretMissingError` where the deployment's own app has
        none, :class:`SecretUnavailableError` or :class:`SecretMalformedError`.
        """
        name = self._settings.secret_name_of(app_id)
        if name is None:
            raise UnknownAppError
        known = self._loaded.get(app_id) or self._failed.get(app_id)
        if known is None or now.elapsed_since(known.checked_at) >= known.valid_seconds:
            known = self._refresh(app_id, name, now)
        if isinstance(known, _Failed):
            raise known.make_error()
        return known.secret

    def read_ahead(self, app_id: int, now: Instant) -> None:
        """Read an app's secret before it is asked for. What fails is not remembered, and not counted."""
        name = self._settings.secret_name_of(app_id)
        if name is None:
            return
        with suppress(OutageError, SecretMalformedError):
            secret = parse_secret(self._clients.get_secret_value(name))
            self._keep(app_id, _Loaded(secret, now, now, self._jittered_ttl()))

    def get_previous(self, app_id: int, now: Instant) -> str | None:
        """The ServerSecret before the last rotation; None where there is no usable one.

        Raises :class:`UnknownAppError` and :class:`SecretUnavailableError`.
        """
        name = self._settings.secret_name_of(app_id)
        if name is None:
            raise UnknownAppError
        known = self._previous.get(app_id)
        if known is None or now.elapsed_since(known[1]) >= self._settings.secret_ttl_seconds:
            known = self._previous[app_id] = self._read_previous(name), now
        return known[0]

    def _read_previous(self, name: str) -> str | None:
        try:
            return parse_secret(self._clients.get_secret_value(name, VersionStage="AWSPREVIOUS"))
        except SecretMalformedError:
            return None
        except OutageError as outage:
            if outage.cause in _ABSENT:
                return None
            raise SecretUnavailableError from None

    def _refresh(self, app_id: int, name: str, asked_at: Instant) -> _Loaded | _Failed:
        outcome = self._read(app_id, name)
        if isinstance(outcome, str):
            # The age starts when the request is sent: the secret may have been rotated meanwhile.
            return self._keep(app_id, _Loaded(outcome, asked_at, asked_at, self._jittered_ttl()))
        now = self._clock()  # the clock again: reading may have taken seconds
        if outcome in (UnknownAppError, _MISSING):
            return self._fail(app_id, _Failed(outcome, now, ABSENT_SECONDS))
        last = self._loaded.get(app_id)
        left = 0.0 if last is None else self._longest_seconds - now.elapsed_since(last.loaded_at)
        if last is None or left <= 0:
            return self._fail(app_id, _Failed(outcome, now, RETRY_SECONDS))
        count("SecretRefreshFailed", reason=outcome().reason)
        logger.warning("the secret could not be refreshed; the last good one is used", app_id=app_id)
        return self._keep(app_id, _Loaded(last.secret, last.loaded_at, now, min(STALE_RETRY_SECONDS, left)))

    def _keep(self, app_id: int, loaded: _Loaded) -> _Loaded:
        self._failed.pop(app_id, None)
        self._loaded[app_id] = loaded
        return loaded

    def _fail(self, app_id: int, failed: _Failed) -> _Failed:
        if len(self._failed) >= MAX_REMEMBERED_FAILURES:
            self._failed.clear()
        self._loaded.pop(app_id, None)
        self._failed[app_id] = failed
        return failed

    @property
    def _longest_seconds(self) -> int:
        return self._settings.secret_ttl_seconds + self._settings.secret_stale_seconds

    def _jittered_ttl(self) -> float:
        """Up to a tenth less than the TTL, so that processes do not refresh at once."""
        return self._settings.secret_ttl_seconds * (1 - secrets.randbelow(1000) / 10_000)

    def _read(self, app_id: int, name: str) -> str | _Failure:
        try:
            return parse_secret(self._clients.get_secret_value(name))
        except OutageError as outage:
            return self._classify(app_id, outage.cause)
        except SecretMalformedError as malformed:
            logger.error("the stored secret is malformed", app_id=app_id, fault=malformed.fault)
            return partial(SecretMalformedError, malformed.fault)

    def _classify(self, app_id: int, cause: str) -> _Failure:
        # The role may read only the secrets of the deployment's apps. So "denied" means another app,
        # except for an app that is known to be ours: then it is an outage.
        ours = app_id == self._settings.default_app_id or app_id in self._loaded
        if cause in _ABSENT or (cause == _DENIED and not ours):
            log = logger.error if ours else logger.warning
            log("the app has no readable secret, or no value in it yet", app_id=app_id, cause=cause)
            return _MISSING if app_id == self._settings.default_app_id else UnknownAppError
        logger.error("the secret cannot be read", app_id=app_id, cause=cause)
        return _UNAVAILABLE


def parse_secret(value: str | None) -> str:
    """The ServerSecret in a Secrets Manager value: the text itself, or ``{"server_secret": "…"}``.

    A trailing newline is trimmed. Raises :class:`SecretMalformedError`.
    """
    if value is None:
        raise SecretMalformedError("it is binary; store it as text")
    try:
        return read_secret(value)
    except TokenError as malformed:
        raise SecretMalformedError(malformed.message) from None
