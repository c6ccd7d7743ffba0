"""From a caller's request to a token: limits, policy, secret, revocations, quota, the token layer."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from zego_service.apps import Apps
from zego_service.callers import Caller
from zego_service.clock import Instant
from zego_service.errors import InvalidRequestError, NotEntitledError
from zego_service.fields import check_ttl
from zego_service.issuing import audit
from zego_service.issuing.minting import Granted, mint, mint_all
from zego_service.issuing.policy import Refusal, TokenToMint, decide
from zego_service.issuing.quota import Quota
from zego_service.issuing.renewal import refresh_time
from zego_service.issuing.requests import IssuedToken, TokenRequest
from zego_service.issuing.revocations import Revocations
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings
from zego_token import TokenError, kit_token

Refused = InvalidRequestError | NotEntitledError | TokenError


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
        return audit.audited(caller, request, lambda: self.mint(caller, request, now))

    def mint(
        self, caller: Caller, request: TokenRequest, now: Instant, not_after: int | None = None
    ) -> IssuedToken:
        """Mint the token that was asked for, without a record.

        It ends at ``not_after`` (Unix seconds, in the future) at the latest.
        """
        granted = self._granted(caller, request, now)
        if not_after is not None:
            seconds = min(granted.token.effective_time_in_seconds, not_after - now.unix)
            granted = replace(granted, token=replace(granted.token, effective_time_in_seconds=seconds))
        return _issued(request, granted.token, mint(granted, now), now)

    def issue_all(
        self, caller: Caller, requests: Iterable[TokenRequest], now: Instant
    ) -> Iterator[IssuedToken | Refused]:
        """Mint the tokens that were asked for, in order, or say why not. Count and record each.

        All are decided before the first one is minted, and those that differ only in the user are minted in
        bulk. Raises what keeps all of them from being minted, such as a secret that cannot be read.
        """
        decided = [(request, self._granted_or_refused(caller, request, now)) for request in requests]
        tokens = mint_all([decision for _, decision in decided if isinstance(decision, Granted)], now)
        for request, decision in decided:
            outcome: IssuedToken | Refused
            if isinstance(decision, Granted):
                token = next(tokens)
                outcome = _issued(request, decision.token, token, now) if isinstance(token, str) else token
            else:
                outcome = decision
            if isinstance(outcome, IssuedToken):
                audit.issued(caller, request, outcome)
            else:
                audit.refuse(outcome, caller, request)
            yield outcome

    def _granted_or_refused(self, caller: Caller, request: TokenRequest, now: Instant) -> Granted | Refused:
        try:
            return self._granted(caller, request, now)
        except (InvalidRequestError, NotEntitledError) as error:
            return error
        except Exception as error:
            audit.refuse(error, caller, request)
            raise

    def _granted(self, caller: Caller, request: TokenRequest, now: Instant) -> Granted:
        self._apps.require(caller, request.app_id, now)
        decision = decide(caller, request, self._settings)
        if isinstance(decision, Refusal):
            raise decision.error()
        check_ttl(decision.effective_time_in_seconds, decision.product)
        secret = self._secrets.get(decision.app_id, now)
        self._revocations.check(decision.app_id, decision.user_id, decision.room_id, now)
        self._quota.take(caller, now)
        return Granted(decision, secret)

    def take_quota(self, caller: Caller, now: Instant) -> None:
        """Count one token that a caller gets. Raises :class:`zego_service.errors.QuotaExceededError`."""
        self._quota.take(caller, now)

    def check_revocations(self, token: IssuedToken, now: Instant) -> None:
        """Raise :class:`NotEntitledError` where the user or the room of a token was revoked since."""
        self._revocations.check(token.app_id, token.user_id, token.room_id, now)


def _issued(request: TokenRequest, decision: TokenToMint, token: str, now: Instant) -> IssuedToken:
    expires_at = now.unix + decision.effective_time_in_seconds
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
        expires_at=expires_at,
        refresh_after=refresh_time(now.unix, expires_at),
        kit_token=_kit_token(request, decision, token) if request.has_kit_token else None,
    )


def _kit_token(request: TokenRequest, decision: TokenToMint, token: str) -> str:
    name = decision.user_id if request.user_name is None else request.user_name
    return kit_token(token, decision.room_id or "", decision.user_id, name, decision.app_id)
