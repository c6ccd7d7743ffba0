"""From a caller's request to a token: limits, policy, secret, revocations, quota, the token layer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from zego_service.apps import Apps
from zego_service.callers import Caller
from zego_service.clock import Instant
from zego_service.errors import InvalidRequestError, NotEntitledError
from zego_service.fields import check_ttl
from zego_service.issuing import audit
from zego_service.issuing.minting import Decided, Granted, Refused, mint, mint_all
from zego_service.issuing.policy import Refusal, TokenToMint, decide
from zego_service.issuing.quota import Quota
from zego_service.issuing.renewal import refresh_time
from zego_service.issuing.requests import IssuedToken, TokenRequest
from zego_service.issuing.revocations import Revocations
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings
from zego_token import TokenError, kit_token


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
        self.revocations = revocations
        self.quota = quota

    def issue(self, caller: Caller, request: TokenRequest, now: Instant) -> IssuedToken:
        """Mint the token that was asked for. Count and record it, or the refusal."""
        return audit.audited(caller, request, lambda: self.mint(caller, request, now))

    def mint(
        self, caller: Caller, request: TokenRequest, now: Instant, not_after: int | None = None
    ) -> IssuedToken:
        """Mint the token that was asked for, without a record.

        It ends at ``not_after`` (Unix seconds, in the future) at the latest.
        """
        decided = self.decide(caller, request, now, not_after)
        self.quota.take(caller, now)
        return _issued(decided, mint(decided.granted, now), now)

    def decide(
        self, caller: Caller, request: TokenRequest, now: Instant, not_after: int | None = None
    ) -> Decided:
        """Decide on the token that was asked for, as :meth:`mint` does, but for the caller's quota."""
        self._apps.require(caller, request.app_id, now)
        decision = decide(caller, request, self._settings)
        if isinstance(decision, Refusal):
            raise decision.error()
        check_ttl(decision.effective_time_in_seconds, decision.product)
        secret = self._secrets.get(decision.app_id, now)
        self.revocations.check(decision.app_id, decision.user_id, decision.room_id, now)
        if not_after is not None:
            seconds = min(decision.effective_time_in_seconds, not_after - now.unix)
            decision = replace(decision, effective_time_in_seconds=seconds)
        return Decided(request, Granted(decision, secret))

    def issue_all(
        self, caller: Caller, requests: Iterable[TokenRequest], now: Instant
    ) -> Iterator[IssuedToken | Exception]:
        """Mint the tokens that were asked for, in order, or say why not. Count and record each.

        All are decided before the first one is minted. Raises what keeps all of them from being minted, such
        as a secret that cannot be read.
        """
        decisions = [self._decided_or_refused(caller, request, now) for request in requests]
        return self.mint_all(caller, decisions, now)

    def mint_all(
        self, caller: Caller, decisions: Sequence[Decided | Refused], now: Instant, *, at_least: int = 0
    ) -> Iterator[IssuedToken | Exception]:
        """Mint what was granted, in order, and in bulk where only the user differs. Count and record each.

        The caller's quota is asked once, for ``at_least`` so many tokens. The last ones are refused where it
        has too few.
        """
        granted = [decision.granted for decision in decisions if isinstance(decision, Decided)]
        allowed = self.quota.take_most(caller, max(at_least, len(granted)), now)
        tokens = mint_all(granted[:allowed], now)
        for decision in decisions:
            outcome = (
                decision.error
                if isinstance(decision, Refused)
                else self._outcome(decision, next(tokens, None), now)
            )
            if isinstance(outcome, IssuedToken) and isinstance(decision, Decided):
                audit.issued(caller, decision.request, outcome)
            elif isinstance(outcome, Exception):
                audit.refuse(outcome, caller, decision.request)
            yield outcome

    def _outcome(
        self, decided: Decided, token: str | TokenError | None, now: Instant
    ) -> IssuedToken | Exception:
        if token is None:
            return self.quota.exceeded(now)
        return token if isinstance(token, TokenError) else _issued(decided, token, now)

    def _decided_or_refused(self, caller: Caller, request: TokenRequest, now: Instant) -> Decided | Refused:
        try:
            return self.decide(caller, request, now)
        except (InvalidRequestError, NotEntitledError) as error:
            return Refused(request, error)
        except Exception as error:
            audit.refuse(error, caller, request)
            raise

    def check_revocations(self, token: IssuedToken, now: Instant) -> None:
        """Raise :class:`NotEntitledError` where the user or the room of a token was revoked since."""
        self.revocations.check(token.app_id, token.user_id, token.room_id, now)


def _issued(decided: Decided, token: str, now: Instant) -> IssuedToken:
    request, decision = decided.request, decided.granted.token
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
