"""From a grant to a token: who may enter a room now, and with which privileges."""

from dataclasses import dataclass, replace

from zego_service.apps import Apps
from zego_service.callers import PUBLISH, Caller
from zego_service.clock import Instant
from zego_service.errors import NotEntitledError, NotProvisionedError
from zego_service.issuing.audit import audited, handed_out
from zego_service.issuing.issuer import TokenIssuer
from zego_service.issuing.policy import check_own_user
from zego_service.issuing.requests import IssuedToken, RoomPrivilege, TokenRequest
from zego_service.provisioning.grant_rows import Grant
from zego_service.provisioning.grants import Grants
from zego_service.provisioning.rooms import RoomKey
from zego_service.provisioning.vault import Vault


@dataclass(frozen=True, slots=True)
class GrantedRequest:
    """A request for a token with what a grant allows in it, until ``ends_at`` (Unix seconds)."""

    token: TokenRequest
    ends_at: int


class Admission:
    """Issues tokens for rooms to users with a grant, which says what the token allows."""

    def __init__(self, issuer: TokenIssuer, grants: Grants, vault: Vault, apps: Apps) -> None:
        self._issuer = issuer
        self._grants = grants
        self._vault = vault
        self._apps = apps

    def issue(self, caller: Caller, request: TokenRequest, now: Instant) -> IssuedToken:
        """Mint the token of the user's grant for a room. Count and record it, or the refusal.

        The token ends with the grant at the latest. The grant stands in for the scope ``zego:publish``.
        Raises as :meth:`granted` and :meth:`TokenIssuer.issue` do.
        """

        def mint() -> IssuedToken:
            granted = self.granted(caller, request, now)
            entitled = replace(caller, scopes=caller.scopes | {PUBLISH})
            return self._issuer.mint(entitled, granted.token, now, not_after=granted.ends_at)

        return audited(caller, request, mint)

    def granted(self, caller: Caller, request: TokenRequest, now: Instant) -> GrantedRequest:
        """The request, which names a room, with the privileges and streams of the user's grant for it.

        Raises a :class:`zego_service.errors.ServiceError` that says why there is none, and when to retry.
        """
        check_own_user(caller, request.user_id)  # first, so that nobody learns about others
        key = RoomKey(self._apps.require(caller, request.app_id, now), request.room_id or "")
        grant = self._grant(key, request.user_id, now.unix)
        ends_at, seconds = grant.window.ends_at, request.effective_time_in_seconds
        if seconds is not None and now.unix + seconds > ends_at:
            name = "effective_time_in_seconds"
            raise NotEntitledError(f"the grant ends at {ends_at}", name, "grant-window")
        participant = grant.participant
        privilege = RoomPrivilege(login=participant.login, publish=participant.publish)
        token = replace(request, privilege=privilege, stream_ids=participant.stream_ids)
        return GrantedRequest(token, ends_at)

    def hand_out(self, caller: Caller, request_id: str, user_id: str, now: Instant) -> IssuedToken:
        """A token that was minted ahead for a user, as it was issued. Count and record it.

        Raises :class:`NotProvisionedError` where there is none, and as :meth:`TokenIssuer.issue` does.
        """
        check_own_user(caller, user_id)  # first, so that nobody learns about others
        token = self._vault.get(request_id, user_id, now)
        if token is None:
            raise NotProvisionedError
        self._apps.require(caller, token.app_id, now)
        self._issuer.check_revocations(token, now)
        handed_out(caller, token)
        return token

    def _grant(self, key: RoomKey, user_id: str, now: int) -> Grant:
        """The grant that is open now: the schedule's, or else a roster's."""
        room, scheduled = self._grants.scheduled(key, user_id)
        if room is not None and room.window is None:
            raise NotEntitledError("the room was cancelled", "room_id", "room-cancelled")
        if scheduled is not None and _is_open(scheduled, now):
            return scheduled
        by_roster = self._grants.by_roster(key, user_id)
        if by_roster is not None and _is_open(by_roster, now):
            return by_roster
        raise _refusal([grant for grant in (scheduled, by_roster) if grant is not None], now)


def _is_open(grant: Grant, now: int) -> bool:
    return grant.window.starts_at <= now < grant.window.ends_at


def _refusal(grants: list[Grant], now: int) -> NotEntitledError:
    """Why none of these grants is open. The next one to open says when to retry."""
    later = [grant.window.starts_at for grant in grants if now < grant.window.starts_at]
    if later:
        starts_at = min(later)
        detail = f"the grant begins at {starts_at}, in {starts_at - now} seconds"
        return NotEntitledError(detail, "room_id", "too-early", retry_after=starts_at - now)
    if grants:
        ended_at = max(grant.window.ends_at for grant in grants)
        return NotEntitledError(f"the grant ended at {ended_at}", "room_id", "too-late")
    return NotEntitledError("there is no grant for this user and room", "room_id", "no-grant")
