"""Revoking the right to tokens, and removing users from rooms: for services, and with the scope."""

from collections.abc import Callable
from dataclasses import dataclass

from zego_service.apps import Apps
from zego_service.callers import REVOKE, Caller, missing
from zego_service.clock import Instant
from zego_service.errors import InvalidRequestError, NotEntitledError, ServiceError
from zego_service.issuing import audit
from zego_service.issuing.policy import may_revoke
from zego_service.issuing.revocations import Revocation, Revocations
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings
from zego_service.telemetry import logger

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class RevocationTarget:
    """The user, the room, or the user in a room that a revocation is about."""

    app_id: int | None = None
    user_id: str | None = None
    room_id: str | None = None


@dataclass(frozen=True, slots=True)
class RevocationRequest:
    """A revocation until a Unix time, and whether ZEGO is to remove the user from the room."""

    target: RevocationTarget
    until: int
    kick: bool


@dataclass(frozen=True, slots=True)
class Kick:
    """Whether ZEGO accepted the call to remove the user; ``error`` says why not.

    ZEGO accepts it for a user who is not in the room, too.
    """

    kicked: bool
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Revoking:
    """What revoking needs: the apps, their secrets, the revocations, and ZEGO's server API.

    ``seconds_left`` says how long the request may still wait.
    """

    settings: Settings
    apps: Apps
    secrets: SecretStore
    revocations: Revocations
    seconds_left: Callable[[], float]

    def by(self, caller: Caller) -> "Revoker":
        """What an entitled caller may do.

        Raises :class:`NotEntitledError` unless the caller is a service or has the scope.
        """
        if not may_revoke(caller):
            raise NotEntitledError(f"this needs {missing(REVOKE)}", None, "revoke-scope")
        return Revoker(self, caller)


@dataclass(frozen=True, slots=True)
class Revoker:
    """Sets, lists and lifts revocations for one caller.

    Every method raises as :meth:`zego_service.apps.Apps.require` does, and
    :class:`zego_service.errors.RevocationsUnavailableError`.
    """

    _over: Revoking
    _caller: Caller

    def revoke(self, request: RevocationRequest, now: Instant) -> tuple[Revocation, Kick | None]:
        """Store a revocation, and remove the user where that is asked for. It stands even if that fails.

        Raises :class:`zego_service.errors.TooManyRevocationsError` too.
        """
        if not now.unix < request.until <= now.unix + LONGEST_DAYS * 86_400:
            raise InvalidRequestError(f"until must be a Unix time in the next {LONGEST_DAYS} days", "until")
        target = request.target
        app_id = self._over.apps.require(self._caller, target.app_id, now)
        self._check_not_revoked(app_id, target, now)
        revocation = Revocation(
            app_id=app_id,
            user_id=target.user_id,
            room_id=target.room_id,
            until=request.until,
            created_at=now.unix,
            created_by=_storable(self._caller.identity),
            by_user=not self._caller.is_service,
        )
        self._over.revocations.put(revocation, now)
        audit.revoked(self._caller, revocation)
        return revocation, self._kick_out(revocation, now) if request.kick else None

    def in_force(self, app_id: int | None, now: Instant) -> tuple[Revocation, ...]:
        """The revocations of an app that are in force."""
        named = self._over.apps.require(self._caller, app_id, now)
        return self._over.revocations.in_force(named, now)

    def lift(self, target: RevocationTarget, now: Instant) -> bool:
        """Remove a revocation; False where there was none."""
        app_id = self._over.apps.require(self._caller, target.app_id, now)
        self._check_not_revoked(app_id, target, now)
        was_there = self._over.revocations.lift(app_id, target.user_id, target.room_id)
        audit.lifted(self._caller, app_id, target.user_id, target.room_id)
        return was_there

    def _check_not_revoked(self, app_id: int, target: RevocationTarget, now: Instant) -> None:
        """Refuse a user who is revoked everywhere, or in a room and would change a revocation of its own.

        Setting one anew would lift it too, with an earlier end.
        """
        if self._caller.is_service:
            return
        own = self._caller.subject
        for each in self._over.revocations.in_force(app_id, now):
            if each.user_id == own and (each.room_id is None or target.user_id == own):
                detail = f"you are revoked yourself, until {each.until}"
                raise NotEntitledError(detail, "user_id", "revoked")

    def _kick_out(self, revocation: Revocation, now: Instant) -> Kick:
        from zego_service.issuing.kickout import KickoutError, kick_out  # which few requests need

        room_id, user_id = revocation.room_id or "", revocation.user_id or ""
        server_api = self._over.settings.server_api
        try:
            secret = self._over.secrets.get(revocation.app_id, now)
            seconds = self._over.seconds_left()
            kick_out(server_api, revocation.app_id, secret, room_id, user_id, now=now.unix, seconds=seconds)
        except (ServiceError, KickoutError) as error:
            logger.error("the user was not removed from the room", detail=str(error))
            return Kick(kicked=False, error=str(error))
        return Kick(kicked=True)


def _storable(identity: str) -> str:
    """An identity for a row of the table, which takes no lone surrogates."""
    return identity.encode("utf-8", "backslashreplace").decode()
