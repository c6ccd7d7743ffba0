"""The audit log: one structured record for each decision about a token, without the token."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from zego_service.callers import Caller
from zego_service.errors import InvalidRequestError, ServiceError
from zego_service.issuing.requests import IssuedToken, TokenRequest
from zego_service.issuing.revocations import Revocation
from zego_service.telemetry import count, logger
from zego_token import TokenError

MESSAGE = "token decision"
INTERNAL = "internal"  # the reason of unexpected errors
_FINGERPRINT_CHARACTERS = 16
_MAX_CHARACTERS = 300  # longer than any accepted id


def audited(caller: Caller, request: TokenRequest, issue: Callable[[], IssuedToken]) -> IssuedToken:
    """The token that ``issue`` returns. Counts and records it, or the error that it raises."""
    try:
        token = issue()
    except Exception as error:
        refuse(error, caller, request)
        raise
    issued(caller, request, token)
    return token


def issued(caller: Caller, request: TokenRequest, token: IssuedToken) -> None:
    """Count and record a token that was issued."""
    count("TokensIssued")
    _issued(caller, request, token)


def refuse(error: Exception, caller: Caller | None, request: TokenRequest | None) -> None:
    """Count and record a refused token, with the caller and the request as far as they are known."""
    reason, rule, field = cause_of(error)
    asked = {} if request is None else _request(request)
    count("TokenRejected", reason=reason)
    logger.info(
        MESSAGE, outcome="refused", reason=reason, rule=rule, field=_short(field), **_caller(caller), **asked
    )


def cause_of(error: Exception) -> tuple[str, str | None, str | None]:
    """An error's reason, the rule that forbids the request, and the field at fault."""
    if isinstance(error, ServiceError):
        return error.reason, error.rule, error.field
    if isinstance(error, TokenError):
        return InvalidRequestError.reason, None, error.field
    return INTERNAL, None, None


def _issued(caller: Caller, request: TokenRequest, token: IssuedToken) -> None:
    privilege = token.privilege
    logger.info(
        MESSAGE,
        outcome="issued",
        **_caller(caller),
        app_id=token.app_id,
        user_id=token.user_id,
        room_id=token.room_id,
        login=None if privilege is None else privilege.login,
        publish=None if privilege is None else privilege.publish,
        stream_ids=token.stream_ids,
        product=request.product,
        version=token.version,
        effective_time_in_seconds=token.expires_at - token.issued_at,
        expires_at=token.expires_at,
        token_fingerprint=fingerprint(token.token),
    )


def handed_out(caller: Caller, token: IssuedToken) -> None:
    """Count and record that a caller got a token that was minted ahead, with the token's fingerprint."""
    count("TokensHandedOut")
    logger.info(
        "token handed out",
        **_caller(caller),
        app_id=token.app_id,
        user_id=token.user_id,
        room_id=token.room_id,
        expires_at=token.expires_at,
        token_fingerprint=fingerprint(token.token),
    )


def revoked(caller: Caller, revocation: Revocation) -> None:
    """Record that a caller has revoked somebody's right to tokens."""
    logger.info("revoked", **_caller(caller), **asdict(revocation))


def lifted(caller: Caller, app_id: int, user_id: str | None, room_id: str | None) -> None:
    """Record that a caller has lifted a revocation."""
    logger.info("revocation lifted", **_caller(caller), app_id=app_id, user_id=user_id, room_id=room_id)


def inspected(caller: Caller, app_id: int, token: str, codes: list[str]) -> None:
    """Record that a caller has inspected a token: its fingerprint and the codes of what was found."""
    logger.info(
        "token inspected",
        **_caller(caller),
        app_id=app_id,
        findings=codes,
        token_fingerprint=fingerprint(token),
    )


def reject(error: Exception, caller: Caller | None) -> None:
    """Count and record a refused request that is not for a token."""
    reason, rule, field = cause_of(error)
    count("RequestRejected", reason=reason)
    logger.info("request rejected", reason=reason, rule=rule, field=_short(field), **_caller(caller))


def fingerprint(token: str) -> str:
    """The first 64 bits of a token's SHA-256, in hexadecimal: enough to recognise it, useless as a token."""
    return hashlib.sha256(token.encode()).hexdigest()[:_FINGERPRINT_CHARACTERS]


def _caller(caller: Caller | None) -> dict[str, Any]:
    if caller is None:
        return {"caller": None, "caller_kind": None}
    return {"caller": _short(caller.identity), "caller_kind": caller.kind.value}


def _request(request: TokenRequest) -> dict[str, Any]:
    privilege = request.privilege
    return {
        "app_id": request.app_id,
        "user_id": _short(request.user_id),
        "room_id": _short(request.room_id),
        "login": None if privilege is None else privilege.login,
        "publish": None if privilege is None else privilege.publish,
        "product": request.product,
        "version": request.version,
        "effective_time_in_seconds": request.effective_time_in_seconds,
    }


def _short(text: str | None) -> str | None:
    return None if text is None else text[:_MAX_CHARACTERS]
