"""What events do: rooms become grants, requests become tokens, and both are announced."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from zego_service.callers import ISSUE, PUBLISH, Caller, CallerKind
from zego_service.clock import Instant
from zego_service.errors import (
    InvalidRequestError,
    NotEntitledError,
    SecretUnavailableError,
    UnknownAppError,
)
from zego_service.issuing.audit import cause_of
from zego_service.issuing.issuer import TokenIssuer
from zego_service.issuing.policy import check_longest_validity
from zego_service.issuing.requests import IssuedToken, RoomPrivilege, TokenRequest
from zego_service.names import unknown
from zego_service.provisioning import announcements
from zego_service.provisioning.announcements import Announcements
from zego_service.provisioning.events import (
    ProvisioningEvent,
    RejectedEntry,
    cancelled_room,
    scheduled_room,
    tokens_request,
)
from zego_service.provisioning.grant_rows import version_of
from zego_service.provisioning.grants import Grants
from zego_service.provisioning.rejections import Rejections
from zego_service.provisioning.rooms import CancelledRoom, Change, Participant, ScheduledRoom, TokensRequest
from zego_service.provisioning.vault import Vault
from zego_service.settings import Settings
from zego_service.telemetry import logger
from zego_token import TokenError

ROOM_SCHEDULED = "Zego Room Scheduled"
ROOM_UPDATED = "Zego Room Updated"
ROOM_CANCELLED = "Zego Room Cancelled"
TOKENS_REQUESTED = "Zego Tokens Requested"
_INVALID = (InvalidRequestError, NotEntitledError, UnknownAppError, TokenError)
_ITSELF = Caller(CallerKind.SERVICE, "provisioner", frozenset((ISSUE, PUBLISH)), "event")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event did: ``applied``, ``repeated``, ``superseded`` or ``rejected``, and to how many."""

    outcome: str
    provisioned: int = 0
    rejected: int = 0


class Provisioner:
    """Does what events say. Invalid events are stored and announced. Failures are raised, to be retried."""

    def __init__(
        self,
        settings: Settings,
        issuer: TokenIssuer,
        grants: Grants,
        vault: Vault,
        announced: Announcements,
        rejections: Rejections,
    ) -> None:
        self._settings = settings
        self._issuer = issuer
        self._grants = grants
        self._vault = vault
        self._announced = announced
        self._rejections = rejections
        self._actions: dict[str, Callable[[ProvisioningEvent, Instant], Outcome]] = {
            ROOM_SCHEDULED: self._schedule,
            ROOM_UPDATED: self._schedule,
            ROOM_CANCELLED: self._cancel,
            TOKENS_REQUESTED: self._provide,
        }

    def handle(self, event: ProvisioningEvent, now: Instant) -> Outcome:
        """Do what an event says, which came at ``now``.

        Raises an :class:`zego_service.errors.UnavailableError` or
        :class:`zego_service.errors.SecretMalformedError`; then retry.
        """
        try:
            action = self._actions.get(event.detail_type)
            if action is None:
                reason = event.fault or str(unknown(event.detail_type, self._actions, "detail-type"))
                raise InvalidRequestError(reason, "detail-type")
            outcome = action(event, now)
        except _INVALID as error:
            self._tell_of_rejected(event, [RejectedEntry("detail", error.field or "", str(error))], now)
            outcome = Outcome("rejected", rejected=1)
        logger.info("event handled", event_id=event.id, detail_type=event.detail_type, **asdict(outcome))
        return outcome

    def reject(self, event: ProvisioningEvent, entry: RejectedEntry, now: Instant) -> str:
        """Store and announce a rejected event, and return the key of the object that holds it.

        Raises an :class:`zego_service.errors.UnavailableError`; then retry.
        """
        kept_in = self._keep_rejected(event, [entry], now)
        logger.info("event rejected", event_id=event.id, detail_type=event.detail_type)
        return kept_in

    def _schedule(self, event: ProvisioningEvent, now: Instant) -> Outcome:
        room, rejected = scheduled_room(event.detail, self._settings)
        change = self._grants.schedule(room)
        self._tell_of_room(room, change, now, granted=len(room.participants), rejected=len(rejected))
        self._tell_of_rejected(event, rejected, now)
        return Outcome(change.value, len(room.participants), len(rejected))

    def _cancel(self, event: ProvisioningEvent, now: Instant) -> Outcome:
        room = cancelled_room(event.detail, self._settings)
        change = self._grants.cancel(room)
        self._tell_of_room(room, change, now, granted=0, rejected=0)
        return Outcome(change.value)

    def _provide(self, event: ProvisioningEvent, now: Instant) -> Outcome:
        request, rejected = tokens_request(event.detail, self._settings)
        check_longest_validity(request.effective_time_in_seconds, self._settings)
        asked = len(request.participants) + len(rejected)

        def mint() -> list[IssuedToken]:
            tokens, refused = self._mint(request, now)
            self._tell_of_rejected(event, [*rejected, *refused], now)
            return tokens

        stored = self._vault.store(request, mint, now)
        keys = {"request_id": request.request_id, "app_id": request.app_id}
        counts = {"provisioned": stored.count, "rejected": asked - stored.count}
        occasion = f"tokens {request.request_id}"
        self._announced.once(occasion, announcements.TOKENS_PROVISIONED, keys | counts, now)
        return Outcome(stored.change.value, stored.count, asked - stored.count)

    def _mint(self, request: TokensRequest, now: Instant) -> tuple[list[IssuedToken], list[RejectedEntry]]:
        asked = [_token_request(request, participant) for participant in request.participants]
        tokens, refused = [], []
        try:
            for one, outcome in zip(asked, self._issuer.issue_all(_ITSELF, asked, now), strict=True):
                if isinstance(outcome, IssuedToken):
                    tokens.append(outcome)
                else:
                    refused.append(RejectedEntry(one.user_id, cause_of(outcome)[2] or "", str(outcome)))
        except UnknownAppError:
            # The event is valid, but the app has no secret yet.
            raise SecretUnavailableError from None
        return tokens, refused

    def _tell_of_room(
        self,
        room: ScheduledRoom | CancelledRoom,
        change: Change,
        now: Instant,
        *,
        granted: int,
        rejected: int,
    ) -> None:
        if change is Change.SUPERSEDED:
            return
        keys = {"app_id": room.key.app_id, "room_id": room.key.room_id, "revision": room.revision}
        counts = {"granted": granted, "rejected": rejected, "cancelled": isinstance(room, CancelledRoom)}
        occasion = f"room {room.key.app_id} {version_of(room)} {room.key.room_id}"
        self._announced.once(occasion, announcements.ROOM_PROVISIONED, keys | counts, now)

    def _tell_of_rejected(
        self, event: ProvisioningEvent, rejected: Sequence[RejectedEntry], now: Instant
    ) -> None:
        if rejected:
            self._keep_rejected(event, rejected, now)

    def _keep_rejected(
        self, event: ProvisioningEvent, rejected: Sequence[RejectedEntry], now: Instant
    ) -> str:
        key = self._rejections.keep(event, rejected)
        detail = {"detail_type": event.detail_type, "rejected": len(rejected), "kept_in": key}
        self._announced.once(key, announcements.REJECTED, detail, now)
        return key


def _token_request(request: TokensRequest, participant: Participant) -> TokenRequest:
    privilege = RoomPrivilege(login=participant.login, publish=participant.publish)
    return TokenRequest(
        app_id=request.app_id,
        user_id=participant.user_id,
        room_id=request.room_id,
        privilege=None if request.room_id is None else privilege,
        stream_ids=participant.stream_ids,
        effective_time_in_seconds=request.effective_time_in_seconds,
    )
