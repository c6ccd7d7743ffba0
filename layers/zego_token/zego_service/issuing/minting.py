"""From what was granted to tokens, one at a time or many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from zego_service.clock import Instant
from zego_service.issuing.policy import TokenToMint
from zego_service.issuing.requests import TokenRequest
from zego_token import (
    Privilege,
    TokenError,
    generate_token03,
    generate_token04,
    room_payload,
)


@dataclass(frozen=True, slots=True)
class Granted:
    """A token to mint, and the ServerSecret of its app."""

    token: TokenToMint
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Decided:
    """A request, and the token that it gets if the caller's quota allows."""

    request: TokenRequest
    granted: Granted


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a request gets no token. The request is None where it could not be read."""

    request: TokenRequest | None
    error: Exception


def mint(granted: Granted, now: Instant) -> str:
    """The token that was granted. Raises :class:`zego_token.TokenError`."""
    token, secret = granted.token, granted.secret
    user_id, seconds, privilege = token.user_id, token.effective_time_in_seconds, token.privilege
    if token.version == "03" and token.room_id is not None and privilege is not None:
        allowed: dict[int, int] = {
            Privilege.LOGIN: int(privilege.login),
            Privilege.PUBLISH: int(privilege.publish),
        }
        return generate_token03(token.app_id, token.room_id, user_id, allowed, secret, seconds, now=now.unix)
    return generate_token04(
        token.app_id, user_id, secret, seconds, _payload04(token), cipher=token.cipher, now=now.unix
    )


def mint_all(granted: Sequence[Granted], now: Instant) -> Iterator[str | TokenError]:
    """The tokens that were granted, each with its app's secret, in order; an error where one cannot be made.

    Tokens that differ in nothing but the user are made in bulk.
    """
    users: dict[TokenToMint, list[str]] = {}
    for each in granted:
        users.setdefault(_for_anybody(each.token), []).append(each.token.user_id)
    minted: dict[TokenToMint, Iterator[str]] = {}
    for each in granted:
        shared = _for_anybody(each.token)
        try:
            if shared not in minted:
                minted[shared] = _minted(Granted(shared, each.secret), users[shared], now)
            yield next(minted[shared])
        except TokenError as error:
            yield error


def _for_anybody(token: TokenToMint) -> TokenToMint:
    return replace(token, user_id="")


def _minted(granted: Granted, user_ids: Sequence[str], now: Instant) -> Iterator[str]:
    token = granted.token
    if token.version == "03":

        def one(user_id: str) -> str:
            return mint(Granted(replace(token, user_id=user_id), granted.secret), now)

        return map(one, user_ids)  # goes on after an error, as bulk does
    from zego_token import generate_tokens04  # which is imported when it is first used

    return generate_tokens04(
        token.app_id,
        user_ids,
        granted.secret,
        token.effective_time_in_seconds,
        _payload04(token),
        cipher=token.cipher,
        now=now.unix,
    )


def _payload04(token: TokenToMint) -> str:
    if token.payload is not None or token.room_id is None or token.privilege is None:
        return token.payload or ""
    login, publish = token.privilege.login, token.privilege.publish
    return room_payload(token.room_id, login=login, publish=publish, stream_ids=token.stream_ids)
