"""Many tokens for one request: each item is decided as if it were asked for alone."""

from collections.abc import Iterator, Sequence
from functools import partial

from zego_service.callers import Caller
from zego_service.clock import Instant
from zego_service.deadline import Deadline
from zego_service.errors import OutOfTimeError
from zego_service.issuing.issuer import TokenIssuer
from zego_service.issuing.minting import Decided, Refused
from zego_service.issuing.requests import IssuedToken, TokenRequest
from zego_service.provisioning.admission import Admission
from zego_service.provisioning.grants import Grants
from zego_service.provisioning.lookups import Lookups

# What is left, after the last decision, to mint the tokens, record them and answer.
FINISHING_SHARE = 0.25


class Batches:
    """Issues tokens over HTTP, up to some hundred at a time."""

    def __init__(self, admission: Admission, issuer: TokenIssuer, grants: Grants, deadline: Deadline) -> None:
        self._admission = admission
        self._issuer = issuer
        self._grants = grants
        self._deadline = deadline

    def issue(
        self, caller: Caller, requests: Sequence[TokenRequest | Exception], now: Instant
    ) -> Iterator[IssuedToken | Exception]:
        """Mint the tokens that were asked for, in order, or say why not. Count and record each.

        An error among the requests is why one could not be read. What there is no time for raises nothing:
        it is an :class:`OutOfTimeError`. A user's quota is counted once: a token for each that is issued, or
        for each room whose grants were read, if these are more. So guessing rooms is not free.
        """
        self._deadline.leave(FINISHING_SHARE)
        quota = self._issuer.quota
        most_rooms = quota.left(caller, len(requests), now)
        lookups = Lookups(self._grants, most_rooms, partial(quota.exceeded, now))
        admission = self._admission.over(lookups)
        with self._issuer.revocations.asking_once():
            decisions = [self._decided(admission, caller, request, now) for request in requests]
        return self._issuer.mint_all(caller, decisions, now, at_least=lookups.rooms)

    def _decided(
        self, admission: Admission, caller: Caller, request: TokenRequest | Exception, now: Instant
    ) -> Decided | Refused:
        if isinstance(request, Exception):
            return Refused(None, request)
        if self._deadline.seconds_left() <= 0:
            return Refused(request, OutOfTimeError())
        try:
            return admission.decide(caller, request, now)
        except Exception as error:  # noqa: BLE001, whatever it is, it is this item's alone
            return Refused(request, error)
