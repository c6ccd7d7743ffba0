"""From a request over HTTP to a token: who may enter a room now, and with which privileges."""

from dataclasses import dataclass, replace

from zego_service.apps import Apps
from zego_service.callers import PUBLISH, Caller
from zego_service.clock import Instant
from zego_service.errors import NotEntitledError, NotProvisionedError
from zego_service.issuing.audit import audited, handed_out
from zego_service.issuing.issuer import TokenIssuer
from zego_service.issuing.minting import Decided
from zego_service.issuing.policy import check_own_user
from zego_service.issuing.renewal import LEAST_SECONDS_LEFT, check_shortest, is_too_late, too_late
from zego_service.issuing.requests import IssuedToken, RoomPrivilege, TokenRequest
from zego_service.provisioning.grant_rows import Grant
from zego_service.provisioning.lookups import GrantReader
from zego_service.provisioning.rooms import Participant, RoomKey
from zego_service.provisioning.vault import Vault
from zego_service.settings import Settings

# What the issuer is asked: caller, request, the present, and when the token ends at the latest.
_Entitled = tuple[Caller, TokenRequest, Instant, int | None]


@dataclass(frozen=True, slots=True)
class GrantedRequest:
    """A request for a token with what a grant allows in it, until ``ends_at`` (Unix seconds)."""

    token: TokenRequest
    ends_at: int


class Admission:
    """Issues tokens over HTTP: those of users for rooms from grants, and all others as the policy says."""

    def __init__(
        self, settings: Settings, issuer: TokenIssuer, grants: GrantReader, vault: Vault, apps: Apps
    ) -> None:
        self._settings = settings
        self._only_granted = settings.user_rooms == "granted"
        self._issuer = issuer
        self._grants = grants
        self._vault = vault
        self._apps = apps

    def over(self, grants: GrantReader) -> "Admission":
        """The same over grants that are read in another way."""
        return Admission(self._settings, self._issuer, grants, self._vault, self._apps)

    def issue(self, caller: Caller, request: TokenRequest, now: Instant) -> IssuedToken:
        """Mint the token that was asked for. Count and record it, or the refusal.

        For users, grants say who may join: any room, or only one that was scheduled or cancelled, as the
        deployment has it. Raises as :meth:`enter` does.
        """
        return audited(caller, request, lambda: self._issuer.mint(*self._entitled(caller, request, now)))

    def decide(self, caller: Caller, request: TokenRequest, now: Instant) -> Decided:
        """Decide on the token that was asked for, as :meth:`issue` does, but for the caller's quota."""
        return self._issuer.decide(*self._entitled(caller, request, now))

    def enter(self, caller: Caller, request: TokenRequest, now: Instant) -> IssuedToken:
        """Mint the token of the user's grant for a room. Count and record it, or the refusal.

        The token ends with the grant at the latest. The grant stands in for the scope ``zego:publish``.
        Raises as :meth:`granted` and :meth:`TokenIssuer.issue` do.
        """
        return audited(caller, request, lambda: self._issuer.mint(*self._by_grant(caller, request, now)))

    def granted(self, caller: Caller, request: TokenRequest, now: Instant) -> GrantedRequest:
        """The request, which names a room, with the privileges and streams of the user's grant for it.

        Privileges and streams that the request names must be within the grant's. Raises a
        :class:`zego_service.errors.ServiceError` that says why there is none, and when to retry.
        """
        check_own_user(caller, request.user_id)  # first, so that nobody learns about others
        key = RoomKey(self._apps.require(caller, request.app_id, now), request.room_id or "")
        check_shortest(request.effective_time_in_seconds, request.product, LEAST_SECONDS_LEFT)
        grant = self._grant(key, request.user_id, now.wall)
        ends_at, seconds = grant.window.ends_at, request.effective_time_in_seconds
        if seconds is not None and now.unix + seconds > ends_at:
            name = "effective_time_in_seconds"
            raise NotEntitledError(f"the grant ends at {ends_at}", name, "grant-window")
        privilege, stream_ids = _within(grant.participant, request)
        return GrantedRequest(replace(request, privilege=privilege, stream_ids=stream_ids), ends_at)

    def hand_out(self, caller: Caller, request_id: str, user_id: str, now: Instant) -> IssuedToken:
        """A token that was minted ahead for a user, as it was issued. Count and record it.

        Raises :class:`NotProvisionedError` where there is none, and as :meth:`TokenIssuer.issue` does.
        """
        check_own_user(caller, user_id)  # first, so that nobody learns about others
        self._issuer.quota.take(caller, now)  # each call asks KMS
        token = self._vault.get(request_id, user_id, now)
        if token is None:
            raise NotProvisionedError
        self._apps.require(caller, token.app_id, now)
        self._issuer.check_revocations(token, now)
        if is_too_late(token.expires_at, now.wall):
            raise too_late("the token", token.expires_at, now.wall, "request_id")
        handed_out(caller, token)
        return token

    def _needs_grant(self, caller: Caller, request: TokenRequest, now: Instant) -> bool:
        if caller.is_service or request.room_id is None:
            return False
        if self._only_granted:
            return True
        check_own_user(caller, request.user_id)
        key = RoomKey(self._apps.require(caller, request.app_id, now), request.room_id)
        return self._grants.room(key) is not None  # rosters alone bind nobody: only events schedule a room

    def _entitled(self, caller: Caller, request: TokenRequest, now: Instant) -> _Entitled:
        if self._needs_grant(caller, request, now):
            return self._by_grant(caller, request, now)
        check_shortest(request.effective_time_in_seconds, request.product)
        return caller, request, now, None

    def _by_grant(self, caller: Caller, request: TokenRequest, now: Instant) -> _Entitled:
        granted = self.granted(caller, request, now)
        entitled = replace(caller, scopes=caller.scopes | {PUBLISH})
        return entitled, granted.token, now, granted.ends_at

    def _grant(self, key: RoomKey, user_id: str, now: float) -> Grant:
        """The grant that is open now, for long enough: the schedule's, or else a roster's."""
        room, scheduled = self._grants.scheduled(key, user_id)
        if room is not None and room.window is None:
            raise NotEntitledError("the room was cancelled", "room_id", "room-cancelled")
        if scheduled is not None and _is_open(scheduled, now):
            return scheduled
        by_roster = self._grants.by_roster(key, user_id)
        if by_roster is not None and _is_open(by_roster, now):
            return by_roster
        found = [grant for grant in (scheduled, by_roster) if grant is not None]
        raise _refusal(found, now) if found else self._no_grant()

    def _no_grant(self) -> NotEntitledError:
        detail = "there is no grant for this user and room"
        if self._only_granted:
            detail += (
                "; grants come from events and rosters. A deployment with UserRooms=any (ZEGO_USER_ROOMS) "
                "gives users tokens for rooms that nobody scheduled, too"
            )
        return NotEntitledError(detail, "room_id", "no-grant")


def _within(participant: Participant, request: TokenRequest) -> tuple[RoomPrivilege, tuple[str, ...] | None]:
    """The privilege and the streams of a token: those that were asked for, by default the grant's."""
    privilege = request.privilege or RoomPrivilege(login=participant.login, publish=participant.publish)
    for name in ("login", "publish"):
        if getattr(privilege, name) and not getattr(participant, name):
            raise NotEntitledError(f"the grant does not allow {name}", "privilege", "grant-privilege")
    stream_ids = request.stream_ids or participant.stream_ids
    if participant.stream_ids is not None and not set(stream_ids or ()) <= set(participant.stream_ids):
        raise NotEntitledError("the grant does not allow all of these streams", "stream_ids", "grant-streams")
    return privilege, stream_ids


def _is_open(grant: Grant, now: float) -> bool:
    return grant.window.starts_at <= now and not is_too_late(grant.window.ends_at, now)


def _refusal(grants: list[Grant], now: float) -> NotEntitledError:
    """Why none of these grants is open. The next one to open says when to retry."""
    later = [grant.window.starts_at for grant in grants if now < grant.window.starts_at]
    if later:
        starts_at = min(later)
        wait = starts_at - int(now)
        detail = f"the grant begins at {starts_at}, in {wait} seconds"
        return NotEntitledError(detail, "room_id", "too-early", retry_after=wait)
    return too_late("the grant", max(grant.window.ends_at for grant in grants), now, "room_id")
