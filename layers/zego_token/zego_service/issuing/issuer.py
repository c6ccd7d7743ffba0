"""From a caller's request to a token: limits, policy, secret, revocations, quota, the token layer."""

import math
import time
from dataclasses import dataclass, field, replace

from zego_service.apps import Apps
from zego_service.callers import Caller
from zego_service.errors import NotEntitledError
from zego_service.fields import check_ttl
from zego_service.issuing.policy import Refusal, TokenToMint, decide
from zego_service.issuing.quota import Quota
from zego_service.issuing.requests import RoomPrivilege, TokenRequest, Version, check_limits
from zego_service.issuing.revocations import Revocations
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings
from zego_token import (
    Cipher,
    Privilege,
    generate_token03,
    generate_token04,
    header_expires_at,
    room_payload,
)

# A client that renews at four fifths of a token's life has the rest of it for retries.
_REFRESH_NUMERATOR, _REFRESH_DENOMINATOR = 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token and what is in it. Times are Unix seconds; the repr leaves the token out."""

    token: str = field(repr=False)
    version: Version
    cipher: Cipher
    app_id: int
    user_id: str
    room_id: str | None
    privilege: RoomPrivilege | None
    stream_ids: tuple[str, ...] | None
    issued_at: int
    expires_at: int
    refresh_after: int


class TokenIssuer:
    """Issues tokens to callers that are entitled to them."""

    def __init__(
        self,
        settings: Settings,
        apps: Apps,
        secrets: SecretStore,
        revocations: Revocations,
        quota: Quota,
    ) -> None:
        self._settings = settings
        self._apps = apps
        self._secrets = secrets
        self._revocations = revocations
        self._quota = quota

    def issue(self, caller: Caller, request: TokenRequest, not_after: int | None = None) -> IssuedToken:
        """Mint the token that was asked for, or raise an error that says why not.

        The token ends at ``not_after`` (Unix seconds) at the latest.
        Raises an :class:`zego_service.errors.ServiceError` or a :class:`zego_token.TokenError`.
        """
        check_limits(request)
        self._apps.require(caller, request.app_id)
        decision = decide(caller, request, self._settings)
        if isinstance(decision, Refusal):
            raise decision.error()
        check_ttl(decision.effective_time_in_seconds, decision.product)
        secret = self._secrets.get(decision.app_id)
        self._revocations.check(decision.app_id, decision.user_id, decision.opens_room)
        self._quota.take(caller)
        if not_after is not None:
            decision = _ending(decision, not_after)
        token = _mint(decision, secret)
        expires_at = header_expires_at(token)
        seconds = decision.effective_time_in_seconds
        issued_at = expires_at - seconds
        return IssuedToken(
            token=token,
            version=decision.version,
            cipher=decision.cipher,
            app_id=decision.app_id,
            user_id=decision.user_id,
            room_id=decision.room_id,
            privilege=decision.privilege,
            stream_ids=decision.stream_ids,
            issued_at=issued_at,
            expires_at=expires_at,
            refresh_after=issued_at + seconds * _REFRESH_NUMERATOR // _REFRESH_DENOMINATOR,
        )

    def check_revocations(self, token: IssuedToken) -> None:
        """Raise :class:`NotEntitledError` where a token that was issued would not be any more."""
        self._revocations.check(token.app_id, token.user_id, token.room_id)


def _ending(token: TokenToMint, not_after: int) -> TokenToMint:
    left = not_after - math.ceil(time.time())
    if left < 1:
        raise NotEntitledError(f"the grant ended at {not_after}", "room_id", "too-late")
    return replace(token, effective_time_in_seconds=min(token.effective_time_in_seconds, left))


def _mint(token: TokenToMint, secret: str) -> str:
    app_id, user_id, seconds = token.app_id, token.user_id, token.effective_time_in_seconds
    if token.room_id is None or token.privilege is None:
        return generate_token04(app_id, user_id, secret, seconds, token.payload or "", cipher=token.cipher)
    login, publish = token.privilege.login, token.privilege.publish
    if token.version == "03":
        privilege: dict[int, int] = {Privilege.LOGIN: int(login), Privilege.PUBLISH: int(publish)}
        return generate_token03(app_id, token.room_id, user_id, privilege, secret, seconds)
    payload = room_payload(token.room_id, login=login, publish=publish, stream_ids=token.stream_ids)
    return generate_token04(app_id, user_id, secret, seconds, payload, cipher=token.cipher)
