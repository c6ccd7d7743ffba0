"""Errors as RFC 9457 problem details (``application/problem+json``)."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from zego_service.errors import (
    InvalidRequestError,
    NotEntitledError,
    NotFoundError,
    QuotaExceededError,
    ServiceError,
    TooManyRevocationsError,
    UnavailableError,
)
from zego_service.issuing.audit import INTERNAL
from zego_token import ErrorCode, TokenError

PROBLEM_JSON = "application/problem+json"
UNAUTHENTICATED = "unauthenticated"
_TYPE = "urn:zego-token-service:problem:"


_OFFICIAL_CODES = {
    "app_id": ErrorCode.APP_ID_INVALID,
    "room_id": ErrorCode.ROOM_ID_INVALID,
    "user_id": ErrorCode.USER_ID_INVALID,
    "privilege": ErrorCode.PRIVILEGE_INVALID,
    "stream_ids": ErrorCode.PRIVILEGE_INVALID,
    "payload": ErrorCode.PRIVILEGE_INVALID,
    "effective_time_in_seconds": ErrorCode.EFFECTIVE_TIME_IN_SECONDS_INVALID,
}
# By class: an error has the status of its nearest base that is named here.
_STATUSES: dict[type[Exception], HTTPStatus] = {
    InvalidRequestError: HTTPStatus.BAD_REQUEST,
    NotEntitledError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    TooManyRevocationsError: HTTPStatus.CONFLICT,
    QuotaExceededError: HTTPStatus.TOO_MANY_REQUESTS,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    ServiceError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal. ``reason`` is stable: it ends the problem's type and is the metric's dimension."""

    status: HTTPStatus
    reason: str
    detail: str
    field: str | None = None
    retry_after: int | None = None
    rule: str | None = None
    allow: str | None = None

    def members(self, instance: str) -> dict[str, Any]:
        """The members of the problem's JSON object."""
        code = _OFFICIAL_CODES.get(self.field or "")
        members = {
            "type": _TYPE + self.reason.replace("_", "-"),
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "instance": instance,
            "error_code": None if code is None else code.value,
            "error_name": None if code is None else code.official_name,
            "field": self.field,
            "rule": self.rule,
        }
        return {name: value for name, value in members.items() if value is not None}

    def response(self, request_id: str) -> "Response[str]":
        """The HTTP response, with the request id as the problem's instance."""
        headers = {"Cache-Control": "no-store"}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.allow is not None:
            headers["Allow"] = self.allow
        return Response(
            status_code=self.status.value,
            content_type=PROBLEM_JSON,
            body=json.dumps(self.members(request_id)),
            headers=headers,
        )


class HttpError(ServiceError):
    """A request that is refused before it reaches the service."""

    def __init__(self, status: HTTPStatus, reason: str, detail: str, field: str | None = None) -> None:
        super().__init__(detail, field)
        self.status = status
        self.reason = reason


def problem_of(error: Exception) -> Problem:
    """The problem that the caller sees. Any other error is a 500 without details."""
    match error:
        case TokenError():
            return Problem(HTTPStatus.BAD_REQUEST, InvalidRequestError.reason, error.message, error.field)
        case ServiceError():
            status = _status_of(error)
            return Problem(status, error.reason, error.detail, error.field, error.retry_after, error.rule)
        case _:
            return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL, "the token service failed")


def _status_of(error: ServiceError) -> HTTPStatus:
    if isinstance(error, HttpError):
        return error.status
    return next(_STATUSES[base] for base in type(error).__mro__ if base in _STATUSES)
