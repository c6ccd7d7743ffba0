"""From a request to a token: defaults, limits, the app's secret, the token layer."""

from dataclasses import dataclass, field
from typing import Literal

from zego_service.errors import InvalidRequestError, NotEntitledError
from zego_service.limits import Product, check_room_id, check_stream_ids, check_ttl, check_user_id
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings
from zego_token import (
    Cipher,
    Privilege,
    generate_token03,
    generate_token04,
    header_expires_at,
    room_payload,
)

Version = Literal["03", "04"]

# A client that renews at four fifths of a token's life has the rest of it for retries.
_REFRESH_NUMERATOR, _REFRESH_DENOMINATOR = 4, 5


@dataclass(frozen=True, slots=True)
class RoomPrivilege:
    """What a token allows in its room."""

    login: bool = True
    publish: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What a caller asks for. None means: not said.

    A ``payload`` goes into the token as it is; without it, ``room_id`` makes a room token, and
    neither makes a basic one. A room without ``privilege`` lets log in and no more.

    Raises :class:`InvalidRequestError` for what cannot be in one token.
    """

    user_id: str
    app_id: int | None = None
    version: Version = "04"
    effective_time_in_seconds: int | None = None
    room_id: str | None = None
    privilege: RoomPrivilege | None = None
    stream_ids: tuple[str, ...] | None = None
    product: Product = "rtc"
    payload: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse a combination in which something would be left out of the token in silence."""
        if self.payload is not None and (self.room_id is not None or self.version == "03"):
            raise InvalidRequestError("payload excludes room_id, and a token03 has none", "payload")
        if self.version == "03" and self.room_id is None:
            raise InvalidRequestError("a token03 is for one room: room_id is required", "room_id")
        if self.version == "03" and self.stream_ids is not None:
            raise InvalidRequestError("a token03 cannot limit the streams", "stream_ids")
        for name in ("privilege", "stream_ids"):
            if getattr(self, name) is not None and self.room_id is None:
                raise InvalidRequestError(f"{name} needs a room_id", name)
        for name in ("room_id", "payload"):
            if self.product == "zim" and getattr(self, name) is not None:
                raise InvalidRequestError(f"a token for ZIM has no {name}", name)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token and what is in it. Times are Unix seconds; the repr leaves the token out."""

    token: str = field(repr=False)
    version: Version
    cipher: Cipher
    app_id: int
    user_id: str
    room_id: str | None
    privilege: RoomPrivilege | None
    stream_ids: tuple[str, ...] | None
    issued_at: int
    expires_at: int
    refresh_after: int


class TokenIssuer:
    """Issues tokens within the deployment's settings."""

    def __init__(self, settings: Settings, secrets: SecretStore) -> None:
        self._settings = settings
        self._secrets = secrets

    def issue(self, request: TokenRequest) -> IssuedToken:
        """Mint the token that was asked for, or raise an error that says why not.

        Raises an :class:`zego_service.errors.IssueError` or a :class:`zego_token.TokenError`.
        """
        app_id = request.app_id if request.app_id is not None else self._settings.default_app_id
        if app_id is None:
            raise InvalidRequestError("app_id is required: this deployment has no default app", "app_id")
        _check_limits(request)
        seconds = self._effective_time(request)
        cipher = Cipher.CBC if request.version == "03" else self._settings.token_cipher
        token = _mint(request, app_id, self._secrets.get(app_id), seconds, cipher)
        expires_at = header_expires_at(token)
        issued_at = expires_at - seconds
        return IssuedToken(
            token=token,
            version=request.version,
            cipher=cipher,
            app_id=app_id,
            user_id=request.user_id,
            room_id=request.room_id,
            privilege=None if request.room_id is None else _privilege(request),
            stream_ids=request.stream_ids,
            issued_at=issued_at,
            expires_at=expires_at,
            refresh_after=issued_at + seconds * _REFRESH_NUMERATOR // _REFRESH_DENOMINATOR,
        )

    def _effective_time(self, request: TokenRequest) -> int:
        seconds = request.effective_time_in_seconds
        if seconds is None:
            seconds = min(self._settings.default_ttl_seconds, self._settings.max_ttl_seconds)
        check_ttl(seconds, request.product)
        longest = self._settings.max_ttl_seconds
        if seconds > longest:
            name = "effective_time_in_seconds"
            raise NotEntitledError(f"{name} must not exceed {longest} in this deployment", name)
        return seconds


def _check_limits(request: TokenRequest) -> None:
    check_user_id(request.user_id, request.product)
    if request.room_id is not None:
        check_room_id(request.room_id)
    if request.stream_ids is not None:
        check_stream_ids(request.stream_ids)


def _privilege(request: TokenRequest) -> RoomPrivilege:
    return request.privilege or RoomPrivilege()


def _mint(request: TokenRequest, app_id: int, secret: str, seconds: int, cipher: Cipher) -> str:
    privilege = _privilege(request)
    if request.version == "03" and request.room_id is not None:
        return generate_token03(
            app_id,
            request.room_id,
            request.user_id,
            {Privilege.LOGIN: int(privilege.login), Privilege.PUBLISH: int(privilege.publish)},
            secret,
            seconds,
        )
    payload = request.payload or ""
    if request.room_id is not None:
        payload = room_payload(
            request.room_id,
            login=privilege.login,
            publish=privilege.publish,
            stream_ids=request.stream_ids,
        )
    return generate_token04(app_id, request.user_id, secret, seconds, payload, cipher=cipher)
