"""Who calls, from what API Gateway or Lambda has authenticated. Headers and body count for nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller. ``identity`` is printable and says who vouched: ``iam:arn:…``."""

    identity: str


def caller_of_payload_v2(request_context: Mapping[str, Any]) -> Caller | None:
    """The caller of an HTTP API or function URL event: IAM, a JWT or a Lambda authorizer."""
    authorizer = _mapping(request_context, "authorizer")
    return (
        _caller("iam", _mapping(authorizer, "iam"), "userArn")
        or _caller("jwt", _mapping(_mapping(authorizer, "jwt"), "claims"), "sub")
        or _caller("lambda", _mapping(authorizer, "lambda"), "principalId", "sub")
    )


def caller_of_payload_v1(request_context: Mapping[str, Any]) -> Caller | None:
    """The caller of a REST API event: IAM, a Cognito authorizer or a Lambda authorizer."""
    authorizer = _mapping(request_context, "authorizer")
    return (
        _caller("iam", _mapping(request_context, "identity"), "userArn")
        or _caller("cognito", _mapping(authorizer, "claims"), "sub")
        or _caller("lambda", authorizer, "principalId")
    )


def _caller(kind: str, source: Mapping[str, Any], *names: str) -> Caller | None:
    for name in names:
        value = source.get(name)
        if isinstance(value, str) and value:
            return Caller(f"{kind}:{value}")
    return None


def _mapping(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = source.get(name)
    return value if isinstance(value, Mapping) else {}
