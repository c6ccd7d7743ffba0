"""When clients renew a token, and how short a token may be without a storm of renewals.

ZEGO's Express Web SDK (3.12.0) fires ``tokenWillExpire`` 30 seconds before a token ends, at once where less
is left, and again after each renewal. ZIM's does the same. So clients renew a token with less left in a loop.
"""

from typing import NamedTuple

from zego_service.errors import InvalidRequestError, NotEntitledError
from zego_service.fields import Product
from zego_service.issuing.requests import IssuedToken

# With less left, nobody gets a token: 30 seconds until the SDK asks again, and five on the way.
LEAST_SECONDS_LEFT = 35
LEAST_SECONDS = 60  # the shortest validity over HTTP, but for tokens that end with their grant
# A client that renews at four fifths of a token's life has the rest of it for retries.
_NUMERATOR, _DENOMINATOR = 4, 5
_VALIDITY = "effective_time_in_seconds"


class Schedule(NamedTuple):
    """When to get a new token, in Unix seconds, and both times in seconds from now."""

    refresh_after: int
    expires_in: int
    refresh_in: int


def refresh_time(now: int, expires_at: int) -> int:
    """When to renew a token that is given out now: after four fifths of what is left of it.

    That is at least 35 seconds before its end, but not in the past. Times are Unix seconds.
    """
    left = expires_at - now
    return now + max(0, min(left * _NUMERATOR // _DENOMINATOR, left - LEAST_SECONDS_LEFT))


def schedule(token: IssuedToken, now: int) -> Schedule:
    """When a client that gets the token now (Unix seconds) should renew it.

    A token that was minted ahead may be past its time: then the rest of its life counts. Asking for it again
    at once would bring the same token.
    """
    after = token.refresh_after if token.refresh_after > now else refresh_time(now, token.expires_at)
    after = min(after, max(now, token.expires_at - LEAST_SECONDS_LEFT))
    return Schedule(after, max(0, token.expires_at - now), after - now)


def check_shortest(seconds: int | None, product: Product, least: int = LEAST_SECONDS) -> None:
    """Raise :class:`InvalidRequestError` for a validity below ``least`` seconds. ZIM has its own limit."""
    if seconds is not None and product != "zim" and seconds < least:
        detail = f"{_VALIDITY} must be at least {least}: clients renew a shorter token in a loop"
        raise InvalidRequestError(detail, _VALIDITY)


def is_too_late(ends_at: int, now: float) -> bool:
    """Whether what ends then has too little left for a new token. Times are Unix seconds."""
    return ends_at - now < LEAST_SECONDS_LEFT


def too_late(what: str, ends_at: int, now: float, field: str) -> NotEntitledError:
    """The refusal where ``what`` has ended, or has too little left. Times are Unix seconds."""
    detail = f"{what} ended at {ends_at}"
    if ends_at > now:
        detail = (
            f"{what} ends at {ends_at}, in {int(ends_at - now)} seconds: "
            f"no token is given in the last {LEAST_SECONDS_LEFT} seconds"
        )
    return NotEntitledError(detail, field, "too-late")
