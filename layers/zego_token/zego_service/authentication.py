"""The caller, from what API Gateway or Lambda has authenticated.

Nothing in headers or body can change who the caller is.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html and
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from collections.abc import Mapping
from typing import Any

from zego_service.callers import INSPECT, ISSUE, PUBLISH, REVOKE, Caller, CallerKind, Nobody, digest_of
from zego_service.claims import Writer, groups_of, name_of, rights_of
from zego_service.roles import role_of_session
from zego_service.settings import Settings

_NO_CALLER = Nobody("the request carries no authenticated caller")
_GUEST = Nobody("guests of an identity pool get no tokens: sign in")
_LENT_TO_NOBODY = Nobody("an identity pool lent this role, but the request carries no identity")
_NOT_NAMED = Nobody(
    "behind a function URL, callers must have an IAM role that this deployment names: ServiceRoles "
    "(ZEGO_SERVICE_ROLES)"
)
_UNAUTHENTICATED = "unauthenticated"


def caller_of_function_url(context: Mapping[str, Any], settings: Settings) -> Caller | Nobody:
    """The caller of a function URL's event: IAM.

    Lambda does not say there whether an identity pool lent the role to an end user. So only roles that the
    deployment names are services. The session's name decides nothing, since its user may choose it.
    """
    iam = _mapping(_mapping(context, "authorizer"), "iam")
    user_arn = iam.get("userArn")
    if not isinstance(user_arn, str) or not user_arn:
        return _NO_CALLER
    role = role_of_session(user_arn) if iam.get("cognitoIdentity") is None else None
    return _service(user_arn) if role is not None and role in settings.service_roles else _NOT_NAMED


def caller_of_http_api(context: Mapping[str, Any], settings: Settings) -> Caller | Nobody:
    """The caller of an HTTP API's event with payload format 2.0: IAM, a JWT or a Lambda authorizer."""
    authorizer = _mapping(context, "authorizer")
    iam = _mapping(authorizer, "iam")
    if _is_text(iam.get("userArn")):
        lent = iam.get("cognitoIdentity")
        facts = lent if isinstance(lent, Mapping) else {}
        return _iam_caller(
            iam["userArn"], facts.get("identityId"), facts.get("amr"), settings, is_lent=lent is not None
        )
    claims = _mapping(_mapping(authorizer, "jwt"), "claims")
    if claims:
        return _claims_caller(Writer.HTTP_API_JWT, claims, settings)
    return _claims_caller(Writer.LAMBDA_AUTHORIZER, _mapping(authorizer, "lambda"), settings)


def caller_of_payload_v1(
    context: Mapping[str, Any], settings: Settings, claims_by: Writer
) -> Caller | Nobody:
    """The caller of a REST API's event, or of an HTTP API's with payload format 1.0.

    It is IAM, the claims that the API's own authorizer wrote, or a Lambda authorizer.
    """
    authorizer, identity = _mapping(context, "authorizer"), _mapping(context, "identity")
    if _is_text(identity.get("userArn")):
        is_lent = any(value is not None for name, value in identity.items() if name.startswith("cognito"))
        identity_id, kind = identity.get("cognitoIdentityId"), identity.get("cognitoAuthenticationType")
        return _iam_caller(identity["userArn"], identity_id, kind, settings, is_lent=is_lent)
    claims = _mapping(authorizer, "claims")
    if claims:
        return _claims_caller(claims_by, claims, settings)
    return _claims_caller(Writer.LAMBDA_AUTHORIZER, authorizer, settings, "principalId")


def _iam_caller(
    user_arn: str, identity_id: object, kind: object, settings: Settings, *, is_lent: bool
) -> Caller | Nobody:
    """A role or user of AWS is a service, unless an identity pool lent the role to an end user.

    A guest, and a role lent without an identity, make no caller. ``kind`` says how the identity signed in.
    """
    if not is_lent:
        return _service(user_arn)
    if kind == _UNAUTHENTICATED or (isinstance(kind, list) and _UNAUTHENTICATED in kind):
        return _GUEST
    if not _is_text(identity_id):
        return _LENT_TO_NOBODY
    return _user(str(identity_id), frozenset(), "cognito-identity", settings)


def _claims_caller(
    writer: Writer, claims: Mapping[str, Any], settings: Settings, *of_services: str
) -> Caller | Nobody:
    """A caller with the right ``zego:issue`` is a service; any other is the user of the claim.

    Groups of people make no service. A service may have no user claim, but has some name.
    """
    if all(value is None for value in claims.values()):
        return _NO_CALLER
    rights, claim = rights_of(claims, writer), settings.user_id_claim
    names = (claim, "sub", "client_id", *of_services) if ISSUE in rights else (claim,)
    subject = next((name for key in names if (name := name_of(claims.get(key), writer))), None)
    if subject is None:
        looked_at = " or ".join(dict.fromkeys(names))
        return Nobody(
            f"the caller has no name in {looked_at}; UserIdClaim (ZEGO_USER_ID_CLAIM) names the claim"
        )
    if ISSUE in rights:
        return Caller(CallerKind.SERVICE, subject, rights, writer.value)
    return _user(subject, rights | (groups_of(claims, writer) - {ISSUE}), writer.value, settings)


def _service(user_arn: str) -> Caller:
    return Caller(CallerKind.SERVICE, user_arn, frozenset((ISSUE, PUBLISH, REVOKE, INSPECT)), "iam")


def _user(claim: str, rights: frozenset[str], vouched_by: str, settings: Settings) -> Caller:
    subject = digest_of(claim) if settings.user_id_form == "digest" else claim
    return Caller(CallerKind.USER, subject, rights, vouched_by)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _mapping(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = source.get(name)
    return value if isinstance(value, Mapping) else {}
