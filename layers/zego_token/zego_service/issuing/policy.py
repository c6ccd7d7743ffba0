"""Who may get what: a pure function from caller, request and settings to a token or a refusal.

A request is granted exactly, or refused; never silently less.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from zego_service.apps import app_for
from zego_service.callers import INSPECT, ISSUE, PUBLISH, REVOKE, Caller, missing
from zego_service.errors import InvalidRequestError, NotEntitledError
from zego_service.fields import Product, parse_user_id
from zego_service.issuing.requests import RoomPrivilege, TokenRequest, Version
from zego_service.payloads import PayloadRoom
from zego_service.settings import Settings
from zego_token import Cipher


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenToMint:
    """A token that is granted, with every default filled in.

    ``privilege`` is None where the token is not for one room: such a token lets its user log in to
    any room and publish. ``payload`` is None unless the caller gave it; room, privilege and streams are then
    those that are in it.
    """

    app_id: int
    user_id: str
    version: Version
    cipher: Cipher
    effective_time_in_seconds: int
    product: Product
    room_id: str | None
    privilege: RoomPrivilege | None
    stream_ids: tuple[str, ...] | None
    payload: str | None = field(repr=False)

    @property
    def may_publish(self) -> bool:
        """Whether it is meant for publishing streams, which ZIM has none of."""
        if self.product == "zim":
            return False
        return self.privilege is None or self.privilege.publish


@dataclass(frozen=True, slots=True)
class Refusal:
    """The rule that forbids a token, why, and which field of the request to change."""

    rule: str
    detail: str
    field: str

    def error(self) -> NotEntitledError:
        """The refusal, to be raised."""
        return NotEntitledError(self.detail, self.field, self.rule)


_OWN_USER = Refusal(
    "own-user", f"you may get tokens for yourself only; naming others needs {missing(ISSUE)}", "user_id"
)


def decide(caller: Caller, request: TokenRequest, settings: Settings) -> TokenToMint | Refusal:
    """What the caller gets: exactly what it asks for, or a refusal.

    Raises :class:`InvalidRequestError` for a payload that is not a room's, and as
    :func:`zego_service.apps.app_for` does.
    """
    # A user's own payload is refused whatever is in it.
    room = request.payload_room if caller.is_service else None
    token = _completed(request, room, app_for(caller, request.app_id, settings), settings)
    rules = _RULES_FOR_ALL if caller.is_service else (*_RULES_FOR_USERS, *_RULES_FOR_ALL)
    refusals = (rule(caller, token, settings) for rule in rules)
    return next((refusal for refusal in refusals if refusal is not None), token)


def check_own_user(caller: Caller, user_id: str) -> None:
    """Raise :class:`NotEntitledError` where a user asks for another user."""
    if not caller.is_service and user_id != caller.subject:
        raise _OWN_USER.error()


def own_user_id(caller: Caller, product: Product) -> str:
    """A user's own id. Raises :class:`NotEntitledError` where the product does not take it."""
    try:
        return parse_user_id(caller.subject, product)
    except InvalidRequestError as error:
        detail = (
            f"your user id cannot be used at ZEGO: {error.detail}. Deploy with UserIdForm=digest "
            "(ZEGO_USER_ID_FORM), or with another UserIdClaim (ZEGO_USER_ID_CLAIM)"
        )
        raise NotEntitledError(detail, "user_id", "user-id-form") from None


def check_longest_validity(seconds: int, settings: Settings) -> None:
    """Raise :class:`NotEntitledError` above the deployment's longest validity."""
    if seconds > settings.max_ttl_seconds:
        raise _too_long(settings).error()


def may_revoke(caller: Caller) -> bool:
    """Whether the caller may set, see and lift revocations."""
    return caller.is_service or REVOKE in caller.scopes


def may_inspect(caller: Caller) -> bool:
    """Whether the caller may ask what is wrong with a token."""
    return caller.is_service or INSPECT in caller.scopes


def _completed(
    request: TokenRequest, room: PayloadRoom | None, app_id: int, settings: Settings
) -> TokenToMint:
    seconds = request.effective_time_in_seconds
    if seconds is None:
        seconds = min(settings.default_ttl_seconds, settings.max_ttl_seconds)
    return TokenToMint(
        app_id=app_id,
        user_id=request.user_id,
        version=request.version,
        cipher=Cipher.CBC if request.version == "03" else settings.token_cipher,
        effective_time_in_seconds=seconds,
        product=request.product,
        room_id=request.room_id if room is None else room.room_id,
        privilege=_privilege(request, room),
        stream_ids=request.stream_ids if room is None else room.stream_ids,
        payload=request.payload,
    )


def _privilege(request: TokenRequest, room: PayloadRoom | None) -> RoomPrivilege | None:
    if room is not None:
        return RoomPrivilege(login=room.login, publish=room.publish)
    return None if request.room_id is None else request.privilege or RoomPrivilege()


def _own_user(caller: Caller, token: TokenToMint, _settings: Settings) -> Refusal | None:
    if token.user_id != caller.subject:
        return _OWN_USER
    return None


def _no_raw_payload(_caller: Caller, token: TokenToMint, _settings: Settings) -> Refusal | None:
    if token.payload is not None:
        return Refusal("no-raw-payload", f"a payload of your own needs {missing(ISSUE)}", "payload")
    return None


def _one_room(_caller: Caller, token: TokenToMint, _settings: Settings) -> Refusal | None:
    if token.room_id is None and token.product != "zim":
        return Refusal("one-room", "name a room: a token without one would open every room", "room_id")
    return None


def _zim_for_users(_caller: Caller, token: TokenToMint, settings: Settings) -> Refusal | None:
    if token.product == "zim" and not settings.user_zim_tokens:
        return Refusal("zim-for-users", "this deployment gives users no tokens for ZIM", "product")
    return None


def _publish_scope(caller: Caller, token: TokenToMint, _settings: Settings) -> Refusal | None:
    if token.may_publish and PUBLISH not in caller.scopes:
        of_room = "privilege" if token.room_id is not None else "room_id"
        field_name = "payload" if token.payload else of_room
        return Refusal("publish-scope", f"publishing needs {missing(PUBLISH)}", field_name)
    return None


def _longest_validity(_caller: Caller, token: TokenToMint, settings: Settings) -> Refusal | None:
    if token.effective_time_in_seconds > settings.max_ttl_seconds:
        return _too_long(settings)
    return None


def _too_long(settings: Settings) -> Refusal:
    name = "effective_time_in_seconds"
    detail = f"{name} must not exceed {settings.max_ttl_seconds} in this deployment"
    return Refusal("longest-validity", detail, name)


_Rule = Callable[[Caller, TokenToMint, Settings], Refusal | None]
_RULES_FOR_USERS: tuple[_Rule, ...] = (_own_user, _no_raw_payload, _one_room, _zim_for_users)
_RULES_FOR_ALL: tuple[_Rule, ...] = (_publish_scope, _longest_validity)
