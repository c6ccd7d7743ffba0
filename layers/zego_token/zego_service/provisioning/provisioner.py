"""What events do: rooms become grants, requests become tokens, and others are told of it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from zego_service.callers import ISSUE, PUBLISH, Caller, CallerKind
from zego_service.deployment import TokenService
from zego_service.errors import (
    InvalidRequestError,
    NotEntitledError,
    SecretUnavailableError,
    ServiceError,
    UnknownAppError,
)
from zego_service.issuing import audit
from zego_service.issuing.issuer import IssuedToken
from zego_service.issuing.policy import check_longest_validity
from zego_service.issuing.requests import RoomPrivilege, TokenRequest
from zego_service.provisioning import announcements
from zego_service.provisioning.announcements import Announcements
from zego_service.provisioning.events import (
    ProvisioningEvent,
    RejectedEntry,
    TokensRequest,
    cancelled_room,
    scheduled_room,
    tokens_request,
)
from zego_service.provisioning.grants import Change, version_of
from zego_service.provisioning.rejections import Rejections
from zego_service.provisioning.rooms import CancelledRoom, Participant, ScheduledRoom
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
    """Does what events say. What is invalid is kept and told of; what fails is raised, to be tried again."""

    def __init__(self, service: TokenService, announced: Announcements, rejections: Rejections) -> None:
        self._grants = service.grants
        self._tokens = service.tokens
        self._issuer = service.issuer
        self._settings = service.settings
        self._announced = announced
        self._rejections = rejections
        self._actions: dict[str, Callable[[ProvisioningEvent], Outcome]] = {
            ROOM_SCHEDULED: self._schedule,
            ROOM_UPDATED: self._schedule,
            ROOM_CANCELLED: self._cancel,
            TOKENS_REQUESTED: self._provide,
        }

    def handle(self, event: ProvisioningEvent) -> Outcome:
        """Do what an event says.

        Raises an :class:`zego_service.errors.UnavailableError` or
        :class:`zego_service.errors.SecretMalformedError` where it is to be tried again.
        """
        try:
            action = self._actions.get(event.detail_type)
            if action is None:
                raise InvalidRequestError("this detail-type is not known", "detail-type")
            outcome = action(event)
        except _INVALID as error:
            self._tell_of_rejected(event, [RejectedEntry("detail", error.field or "", str(error))])
            outcome = Outcome("rejected", rejected=1)
        logger.info("event handled", event_id=event.id, detail_type=event.detail_type, **asdict(outcome))
        return outcome

    def reject(self, event: ProvisioningEvent, entry: RejectedEntry) -> str:
        """Keep an event that is wrong, announce that, and return the key of the object that has it.

        Raises an :class:`zego_service.errors.UnavailableError` where it is to be tried again.
        """
        kept_in = self._keep_rejected(event, [entry])
        logger.info("event rejected", event_id=event.id, detail_type=event.detail_type)
        return kept_in

    def _schedule(self, event: ProvisioningEvent) -> Outcome:
        room, rejected = scheduled_room(event.detail, self._settings)
        change = self._grants.schedule(room)
        self._tell_of_room(room, change, granted=len(room.participants), rejected=len(rejected))
        self._tell_of_rejected(event, rejected)
        return Outcome(change.value, len(room.participants), len(rejected))

    def _cancel(self, event: ProvisioningEvent) -> Outcome:
        room = cancelled_room(event.detail, self._settings)
        change = self._grants.cancel(room)
        self._tell_of_room(room, change, granted=0, rejected=0)
        return Outcome(change.value)

    def _provide(self, event: ProvisioningEvent) -> Outcome:
        request, rejected = tokens_request(event.detail, self._settings)
        check_longest_validity(request.effective_time_in_seconds, self._settings)
        asked = len(request.participants) + len(rejected)

        def mint() -> list[IssuedToken]:
            tokens, refused = self._mint(request)
            self._tell_of_rejected(event, [*rejected, *refused])
            return tokens

        stored = self._tokens.store(request, mint)
        keys = {"request_id": request.request_id, "app_id": request.app_id}
        counts = {"provisioned": stored.count, "rejected": asked - stored.count}
        occasion = f"tokens {request.request_id}"
        self._announced.once(occasion, announcements.TOKENS_PROVISIONED, keys | counts)
        return Outcome(stored.change.value, stored.count, asked - stored.count)

    def _mint(self, request: TokensRequest) -> tuple[list[IssuedToken], list[RejectedEntry]]:
        tokens, refused = [], []
        for participant in request.participants:
            asked = _token_request(request, participant)
            try:
                token = self._issuer.issue(_ITSELF, asked)
            except UnknownAppError:
                # The app is ours, but its secret is not there yet: nothing is wrong with the event.
                raise SecretUnavailableError() from None
            except _INVALID as error:
                refused.append(RejectedEntry(participant.user_id, error.field or "", str(error)))
                reason, rule = _named(error)
                audit.refused(reason, _ITSELF, asked, rule=rule, field=error.field)
            else:
                tokens.append(token)
                audit.issued(_ITSELF, asked, token)
        return tokens, refused

    def _tell_of_room(
        self, room: ScheduledRoom | CancelledRoom, change: Change, *, granted: int, rejected: int
    ) -> None:
        if change is Change.SUPERSEDED:
            return
        keys = {"app_id": room.key.app_id, "room_id": room.key.room_id, "revision": room.revision}
        counts = {"granted": granted, "rejected": rejected, "cancelled": isinstance(room, CancelledRoom)}
        occasion = f"room {room.key.app_id} {version_of(room)} {room.key.room_id}"
        self._announced.once(occasion, announcements.ROOM_PROVISIONED, keys | counts)

    def _tell_of_rejected(self, event: ProvisioningEvent, rejected: Sequence[RejectedEntry]) -> None:
        if rejected:
            self._keep_rejected(event, rejected)

    def _keep_rejected(self, event: ProvisioningEvent, rejected: Sequence[RejectedEntry]) -> str:
        key = self._rejections.keep(event, rejected)
        detail = {"detail_type": event.detail_type, "rejected": len(rejected), "kept_in": key}
        self._announced.once(key, announcements.REJECTED, detail)
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


def _named(error: ServiceError | TokenError) -> tuple[str, str | None]:
    """The reason and the rule of an error, for the audit log."""
    if isinstance(error, ServiceError):
        return error.reason, error.rule
    return InvalidRequestError.reason, None
