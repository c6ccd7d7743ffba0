"""Callers and what they ask for."""

from dataclasses import replace
from typing import Any

from zego_service.callers import ISSUE, PUBLISH, Caller, CallerKind
from zego_service.issuing.requests import RoomPrivilege, TokenRequest
from zego_service.settings import Settings

SETTINGS = Settings(default_app_id=1, default_ttl_seconds=3600, max_ttl_seconds=86_400)
BACKEND = Caller(CallerKind.SERVICE, "backend", frozenset({ISSUE, PUBLISH}), "jwt")
ALICE = Caller(CallerKind.USER, "alice", frozenset(), "jwt")
ALICE_ON_STAGE = replace(ALICE, scopes=frozenset({PUBLISH}))
LISTEN, SPEAK = RoomPrivilege(login=True, publish=False), RoomPrivilege(login=True, publish=True)


def request(**fields: Any) -> TokenRequest:
    return TokenRequest(**{"user_id": "alice", **fields})
