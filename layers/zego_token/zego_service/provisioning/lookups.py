"""Grants as one batch sees them: each is read once, and of so many rooms at most."""

from collections.abc import Callable
from typing import Any, Protocol

from zego_service.errors import GrantsUnavailableError, ServiceError
from zego_service.provisioning.grant_rows import Grant, RoomState
from zego_service.provisioning.grants import Grants
from zego_service.provisioning.rooms import RoomKey


class GrantReader(Protocol):
    """What admission asks about grants. The methods are those of :class:`Grants`."""

    def room(self, key: RoomKey) -> RoomState | None:
        """The room."""

    def scheduled(self, key: RoomKey, user_id: str) -> tuple[RoomState | None, Grant | None]:
        """The room, and the user's grant as its participant."""

    def by_roster(self, key: RoomKey, user_id: str) -> Grant | None:
        """The user's grant by a roster."""


class Lookups:
    """Reads each grant once. After an outage, and for a room too many, it raises without reading."""

    def __init__(self, grants: Grants, most_rooms: int, too_many: Callable[[], ServiceError]) -> None:
        self._grants = grants
        self._most_rooms = most_rooms
        self._too_many = too_many
        self._rooms: set[RoomKey] = set()
        self._found: dict[tuple[object, ...], Any] = {}
        self._is_away = False

    @property
    def rooms(self) -> int:
        """How many rooms were looked up."""
        return len(self._rooms)

    def room(self, key: RoomKey) -> RoomState | None:
        """The room, as :meth:`Grants.room` returns it."""
        state: RoomState | None = self._once(key, ("room", key), lambda: self._grants.room(key))
        return state

    def scheduled(self, key: RoomKey, user_id: str) -> tuple[RoomState | None, Grant | None]:
        """The room and the grant, as :meth:`Grants.scheduled` returns them."""
        both: tuple[RoomState | None, Grant | None] = self._once(
            key, ("scheduled", key, user_id), lambda: self._grants.scheduled(key, user_id)
        )
        return both

    def by_roster(self, key: RoomKey, user_id: str) -> Grant | None:
        """The grant, as :meth:`Grants.by_roster` returns it."""
        grant: Grant | None = self._once(
            key, ("by_roster", key, user_id), lambda: self._grants.by_roster(key, user_id)
        )
        return grant

    def _once(self, key: RoomKey, question: tuple[object, ...], ask: Callable[[], Any]) -> Any:
        if question in self._found:
            return self._found[question]
        if self._is_away:
            raise GrantsUnavailableError
        if key not in self._rooms and len(self._rooms) >= self._most_rooms:
            raise self._too_many()
        self._rooms.add(key)
        try:
            answer = self._found[question] = ask()
        except GrantsUnavailableError:
            self._is_away = True
            raise
        return answer
