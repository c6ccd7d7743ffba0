"""From a caller's request to a token: limits, policy, secret, revocations, quota, the token layer."""

from dataclasses import replace

from zego_service.apps import Apps
from zego_service.callers import Caller
from zego_service.clock import Instant
from zego_service.errors import NotEntitledError
from zego_service.fields import check_ttl
from zego_service.issuing.audit import audited
from zego_service.issuing.policy import Refusal, TokenToMint, decide
from zego_service.issuing.quota import Quota
from zego_service.issuing.requests import IssuedToken, TokenRequest
from zego_service.issuing.revocations import Revocations
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings
from zego_token import Privilege, generate_token03, generate_token04, room_payload

# A client that renews at four fifths of a token's life has the rest of it for retries.
_REFRESH_NUMERATOR, _REFRESH_DENOMINATOR = 4, 5


class TokenIssuer:
    """Issues tokens to callers that are entitled to them.

    Methods raise a :class:`zego_service.errors.ServiceError` or a :class:`zego_token.TokenError` that
    says why there is no token.
    """

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

    def issue(self, caller: Caller, request: TokenRequest, now: Instant) -> IssuedToken:
        """Mint the token that was asked for. Count and record it, or the refusal."""
        return audited(caller, request, lambda: self.mint(caller, request, now))

    def mint(
        self, caller: Caller, request: TokenRequest, now: Instant, not_after: int | None = None
    ) -> IssuedToken:
        """Mint the token that was asked for, without a record.

        It ends at ``not_after`` (Unix seconds) at the latest.
        """
        self._apps.require(caller, request.app_id, now)
        decision = decide(caller, request, self._settings)
        if isinstance(decision, Refusal):
            raise decision.error()
        check_ttl(decision.effective_time_in_seconds, decision.product)
        secret = self._secrets.get(decision.app_id, now)
        self._revocations.check(decision.app_id, decision.user_id, decision.opens_room, now)
        self._quota.take(caller, now)
        if not_after is not None:
            decision = _ending(decision, not_after, now)
        return _issued(decision, _mint(decision, secret, now), now)

    def check_revocations(self, token: IssuedToken, now: Instant) -> None:
        """Raise :class:`NotEntitledError` where the user or the room of a token was revoked since."""
        self._revocations.check(token.app_id, token.user_id, token.room_id, now)


def _ending(token: TokenToMint, not_after: int, now: Instant) -> TokenToMint:
    left = not_after - now.unix
    if left < 1:
        raise NotEntitledError(f"the grant ended at {not_after}", "room_id", "too-late")
    return replace(token, effective_time_in_seconds=min(token.effective_time_in_seconds, left))


def _issued(decision: TokenToMint, token: str, now: Instant) -> IssuedToken:
    seconds = decision.effective_time_in_seconds
    return IssuedToken(
        token=token,
        version=decision.version,
        cipher=decision.cipher,
        app_id=decision.app_id,
        user_id=decision.user_id,
        room_id=decision.room_id,
        privilege=decision.privilege,
        stream_ids=decision.stream_ids,
        issued_at=now.unix,
        expires_at=now.unix + seconds,
        refresh_after=now.unix + seconds * _REFRESH_NUMERATOR // _REFRESH_DENOMINATOR,
    )


def _mint(token: TokenToMint, secret: str, now: Instant) -> str:
    app_id, user_id, seconds = token.app_id, token.user_id, token.effective_time_in_seconds
    if token.room_id is None or token.privilege is None:
        payload = token.payload or ""
        return generate_token04(app_id, user_id, secret, seconds, payload, cipher=token.cipher, now=now.unix)
    login, publish = token.privilege.login, token.privilege.publish
    if token.version == "03":
        privilege: dict[int, int] = {Privilege.LOGIN: int(login), Privilege.PUBLISH: int(publish)}
        return generate_token03(app_id, token.room_id, user_id, privilege, secret, seconds, now=now.unix)
    payload = room_payload(token.room_id, login=login, publish=publish, stream_ids=token.stream_ids)
    return generate_token04(app_id, user_id, secret, seconds, payload, cipher=token.cipher, now=now.unix)
