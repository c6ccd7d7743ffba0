"""What a caller may ask for, and the token that answers it."""

from dataclasses import dataclass, field
from typing import Literal

from zego_service.errors import InvalidRequestError
from zego_service.fields import Product
from zego_service.payloads import PayloadRoom, room_of
from zego_token import Cipher

Version = Literal["03", "04"]


@dataclass(frozen=True, slots=True)
class RoomPrivilege:
    """What a token allows in its room."""

    login: bool = True
    publish: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What a caller asks for. None means: not said.

    A ``payload`` goes into the token as it is, and must be empty or that of a room; without it, ``room_id``
    makes a room token, and neither makes a basic one. A room without ``privilege`` lets log in and no more.

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
    user_name: str | None = None

    def __post_init__(self) -> None:
        """Refuse combinations that no token can hold."""
        if self.product == "zim" and self.version == "03":
            raise InvalidRequestError("a token for ZIM is a token04", "version")
        if self.payload is not None and (self.room_id is not None or self.version == "03"):
            raise InvalidRequestError("payload excludes room_id, and a token03 has none", "payload")
        if self.version == "03" and self.room_id is None:
            raise InvalidRequestError("a token03 is for one room: room_id is required", "room_id")
        if self.version == "03" and self.stream_ids is not None:
            raise InvalidRequestError("a token03 cannot limit the streams", "stream_ids")
        for name in ("privilege", "stream_ids"):
            if getattr(self, name) is not None and self.room_id is None:
                raise InvalidRequestError(f"{name} needs a room_id", name)
        if self.user_name is not None and not self.has_kit_token:
            raise InvalidRequestError(
                'user_name needs "product": "uikit", a room_id and a token04', "user_name"
            )
        for name in ("room_id", "payload"):
            if self.product == "zim" and getattr(self, name) is not None:
                raise InvalidRequestError(f"a token for ZIM has no {name}", name)

    @property
    def payload_room(self) -> PayloadRoom | None:
        """The room that the payload opens, if it opens one. Raises :class:`InvalidRequestError`."""
        return None if self.payload is None else room_of(self.payload)

    @property
    def has_kit_token(self) -> bool:
        """Whether the answer has what UIKit for the Web takes: it enters one room, with a token04."""
        return self.product == "uikit" and self.room_id is not None and self.version == "04"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token and what is in it. Times are Unix seconds; the repr leaves tokens out.

    ``kit_token`` is there for UIKit and a room alone.
    """

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
    kit_token: str | None = field(default=None, repr=False)
