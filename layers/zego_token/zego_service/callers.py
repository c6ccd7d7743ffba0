"""The caller, from what API Gateway or Lambda has authenticated.

Nothing in headers or body can change who the caller is.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html and
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ISSUE = "zego:issue"
PUBLISH = "zego:publish"
REVOKE = "zego:revoke"
INSPECT = "zego:inspect"

# As Cognito writes a scope of its resource server "zego".
_SPELLINGS = {"zego/issue": ISSUE, "zego/publish": PUBLISH, "zego/revoke": REVOKE, "zego/inspect": INSPECT}
_SCOPE_NAMES = ("scope", "scopes", "scp")
_GROUPS = "cognito:groups"
# How an HTTP API writes claims that are no text: lists, objects, null.
_NOT_TEXT = ("[", "map[", "<nil>")


class CallerKind(StrEnum):
    """For whom a caller may ask: for any user, or only for itself."""

    SERVICE = "service"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller.

    ``subject`` is the user id of a user, and the name of a service. ``vouched_by`` says what
    authenticated it: ``iam``, ``cognito-identity``, ``jwt``, ``cognito`` or ``lambda``.
    """

    kind: CallerKind
    subject: str
    scopes: frozenset[str]
    vouched_by: str

    @property
    def is_service(self) -> bool:
        """Whether it is a service, which may ask for any user."""
        return self.kind is CallerKind.SERVICE

    @property
    def identity(self) -> str:
        """For logs: who it is, and who says so."""
        return f"{self.vouched_by}:{self.subject}"


def caller_of_payload_v2(request_context: Mapping[str, Any], user_id_claim: str) -> Caller | None:
    """The caller of an HTTP API or function URL event: IAM, a JWT or a Lambda authorizer."""
    authorizer = _mapping(request_context, "authorizer")
    iam = _mapping(authorizer, "iam")
    jwt = _mapping(authorizer, "jwt")
    pool = iam.get("cognitoIdentity")
    identity_id = pool.get("identityId") if isinstance(pool, Mapping) else None
    return (
        _iam_caller(iam.get("userArn"), identity_id, is_lent=pool is not None)
        or _claims_caller("jwt", _mapping(jwt, "claims"), user_id_claim)
        or _claims_caller("lambda", _mapping(authorizer, "lambda"), user_id_claim)
    )


def caller_of_payload_v1(request_context: Mapping[str, Any], user_id_claim: str) -> Caller | None:
    """The caller of a REST API event: IAM, a Cognito authorizer or a Lambda authorizer."""
    authorizer = _mapping(request_context, "authorizer")
    identity = _mapping(request_context, "identity")
    is_lent = any(value is not None for name, value in identity.items() if name.startswith("cognito"))
    return (
        _iam_caller(identity.get("userArn"), identity.get("cognitoIdentityId"), is_lent=is_lent)
        or _claims_caller("cognito", _mapping(authorizer, "claims"), user_id_claim)
        or _claims_caller("lambda", authorizer, user_id_claim, "principalId")
    )


def _iam_caller(user_arn: object, identity_id: object, *, is_lent: bool) -> Caller | None:
    """A role or user of AWS is a service, unless an identity pool lent the role to an end user.

    A role lent without an identity makes no caller.
    """
    if not _is_text(user_arn):
        return None
    if is_lent:
        if not _is_text(identity_id):
            return None
        return Caller(CallerKind.USER, str(identity_id), frozenset(), "cognito-identity")
    return Caller(CallerKind.SERVICE, str(user_arn), frozenset((ISSUE, PUBLISH, REVOKE, INSPECT)), "iam")


def _claims_caller(
    vouched_by: str, claims: Mapping[str, Any], user_id_claim: str, *of_services: str
) -> Caller | None:
    """A caller with the scope ``zego:issue`` is a service; any other is the user of the claim.

    Groups of people make no service. A service may have no user claim, but has some name.
    """
    scopes = frozenset(scope for name in _SCOPE_NAMES for scope in _scopes(claims.get(name), " "))
    kind = CallerKind.SERVICE if ISSUE in scopes else CallerKind.USER
    if kind is CallerKind.USER:
        scopes |= frozenset(_scopes(claims.get(_GROUPS), ",")) - {ISSUE}
    names = (
        (user_id_claim, "sub", "client_id", *of_services) if kind is CallerKind.SERVICE else (user_id_claim,)
    )
    subject = next((claims[name] for name in names if _is_name(claims.get(name))), None)
    return None if subject is None else Caller(kind, subject, scopes, vouched_by)


def _scopes(value: object, separator: str) -> Iterator[str]:
    """The scopes of a claim: a list, text, or ``[a b]``, which is how an HTTP API writes a list.

    Each entry of a list is one scope, even with spaces in it.
    """
    entries: list[object] = value if isinstance(value, list) else []
    if isinstance(value, str):
        is_list = value.startswith("[") and value.endswith("]")
        entries = [*(value[1:-1].split(" ") if is_list else value.split(separator))]
    for entry in entries:
        if isinstance(entry, str):
            yield _SPELLINGS.get(entry, entry)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not value.startswith(_NOT_TEXT)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _mapping(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = source.get(name)
    return value if isinstance(value, Mapping) else {}
