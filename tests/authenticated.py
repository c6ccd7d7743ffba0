"""Callers of events whose authorizer a test chooses."""

from typing import Any

from tests.factories import SERVICE_ROLES, token_event, without_caller
from token_api.gateway_events import caller_of
from zego_service.callers import Caller, CallerKind, Nobody
from zego_service.settings import Settings

SETTINGS = Settings(service_roles=SERVICE_ROLES)


def called(
    trigger: str, authorizer: Any, settings: Settings = SETTINGS, version: str | None = None
) -> Caller | Nobody:
    event = without_caller(token_event(trigger))
    event["requestContext"]["authorizer"] = authorizer
    return caller_of(event if version is None else event | {"version": version}, settings)


def user(trigger: str, authorizer: Any, settings: Settings = SETTINGS, version: str | None = None) -> Caller:
    caller = called(trigger, authorizer, settings, version)
    assert isinstance(caller, Caller)
    assert caller.kind is CallerKind.USER
    return caller
