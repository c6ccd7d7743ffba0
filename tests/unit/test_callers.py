"""Callers come from what has been authenticated, and from nothing else."""

import hashlib
from typing import Any

import pytest

from tests.authenticated import SETTINGS, called, user
from tests.factories import (
    SERVICE_ROLES,
    TRIGGERS,
    USER_ARN,
    USER_TRIGGERS,
    sample_event,
    token_event,
    without_caller,
)
from token_api.gateway_events import caller_of
from zego_service.callers import INSPECT, ISSUE, PUBLISH, REVOKE, Caller, CallerKind, Nobody
from zego_service.settings import Settings

NOBODY_V2: list[Any] = [
    None, {}, [], "alice", {"iam": None}, {"iam": {"userArn": ""}}, {"iam": {"userArn": ["arn"]}},
    {"iam": {"userArn": "arn", "cognitoIdentity": {"identityId": ""}}},
    {"iam": {"userArn": "arn", "cognitoIdentity": {"identityId": ["x"]}}},
    {"iam": {"userArn": "arn", "cognitoIdentity": {"identityPoolId": "p"}}},
    {"iam": {"userArn": "arn", "cognitoIdentity": {}}}, {"iam": {"userArn": "arn", "cognitoIdentity": "x"}},
    *({"iam": {"userArn": "arn", "cognitoIdentity": {"identityId": "x", "amr": amr}}} for amr in (["unauthenticated"], "unauthenticated", ["x", "unauthenticated"])),
    {"jwt": {"claims": None}}, {"jwt": {"claims": {}}}, {"jwt": {"claims": {"sub": ""}}},
    {"jwt": {"claims": {"sub": ["alice"]}}}, {"jwt": {"claims": {"sub": {"a": 1}}}}, {"jwt": {"claims": {"sub": 5}}},
    {"lambda": None}, {"lambda": {}}, {"lambda": {"user": "alice"}}, {"lambda": {"sub": ""}}, {"lambda": {"sub": ["alice"]}}, {"lambda": {"sub": {"a": 1}}}, {"principalId": "alice"},
    {"claims": {"sub": "alice"}}, {"jwt": {"claims": {"sub": "[alice bob]"}}}, {"jwt": {"claims": {"sub": "map[a:1]"}}},
    {"jwt": {"claims": {"sub": "<nil>"}}},
]  # fmt: skip
NOBODY_V1: list[Any] = [
    None, {}, {"claims": None, "scopes": None}, {"principalId": ""}, {"claims": "sub"}, {"claims": {"sub": []}},
    {"principalId": "alice"}, {"principalId": "alice", "sub": ""}, {"principalId": "alice", "sub": ["alice"]}, {"principalId": "alice", "sub": {"a": 1}}, {"iam": {"userArn": "arn"}}, {"jwt": {"claims": {"sub": "alice"}}},
]  # fmt: skip


def lent(trigger: str, identity_id: Any, kind: str = "authenticated") -> dict[str, Any]:
    """An event whose IAM role an identity pool lent."""
    event = sample_event(f"{trigger}_token04_room")
    if trigger == "rest_api":
        event["requestContext"]["identity"] |= {
            "cognitoIdentityId": identity_id,
            "cognitoIdentityPoolId": "eu-central-1:0b1c",
            "cognitoAuthenticationType": kind,
        }
    else:
        pool = {"identityId": identity_id, "identityPoolId": "eu-central-1:0b1c", "amr": [kind]}
        event["requestContext"]["authorizer"]["iam"] |= {"cognitoIdentity": pool}
    return event


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_role_of_aws_is_a_service(trigger: str) -> None:
    event = sample_event(f"{trigger}_token04_room")

    caller = caller_of(event, SETTINGS)

    assert caller == Caller(CallerKind.SERVICE, USER_ARN, frozenset({ISSUE, PUBLISH, REVOKE, INSPECT}), "iam")
    assert caller.identity == f"iam:{USER_ARN}"
    assert isinstance(caller_of(without_caller(event), SETTINGS), Nobody)


def by_url(user_arn: Any, *roles: str) -> Caller | Nobody:
    event = sample_event("function_url_token04_room")
    event["requestContext"]["authorizer"]["iam"]["userArn"] = user_arn
    return caller_of(event, Settings.from_environment({"ZEGO_SERVICE_ROLES": ",".join(roles)}))


ACCOUNT = "123456789012"
BACKEND_ARN = f"arn:aws:iam::{ACCOUNT}:role/backend"


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (BACKEND_ARN, "backend"),
        (f"arn:aws:iam::{ACCOUNT}:role/teams/video/backend", "backend"),
        (
            f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_x_0b1c",
            "AWSReservedSSO_x_0b1c",
        ),
        (f"arn:aws:iam::{ACCOUNT}:role/a,b+c=d.e@f_g-h", "a,b+c=d.e@f_g-h"),
    ],
)
@pytest.mark.parametrize("session", ["i-0abc", "backend", "a/b", "arn:aws:iam::1:role/x", "\n"])
def test_behind_a_function_url_named_roles_are_services_whatever_their_session(
    role: str, name: str, session: str
) -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"
    other = f"arn:aws:iam::{ACCOUNT}:role/other,name"

    for roles in ((role,), (other, role), (role, f" {other}")):
        caller = by_url(arn, *roles)
        assert isinstance(caller, Caller)
        assert (caller.kind, caller.subject) == (CallerKind.SERVICE, arn)


@pytest.mark.parametrize(
    "user_arn",
    [
        f"arn:aws:sts::{ACCOUNT}:assumed-role/Cognito_poolAuth_Role/CognitoIdentityCredentials",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/pool/backend",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/pool/{BACKEND_ARN}",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/pool/assumed-role/backend/x",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/Backend/x",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/backend2/x",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/backend/",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/backend",
        "arn:aws:sts::999999999999:assumed-role/backend/x",
        f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/backend/x",
        f"arn:aws:sts::{ACCOUNT}:federated-user/backend",
        f"arn:aws:iam::{ACCOUNT}:user/backend",
        f"arn:aws:iam::{ACCOUNT}:root",
        BACKEND_ARN,
        f"x{BACKEND_ARN}",
        "",
        None,
        ["arn"],
    ],
)
def test_behind_a_function_url_nobody_else_is_anybody(user_arn: Any) -> None:
    assert isinstance(by_url(user_arn, BACKEND_ARN), Nobody)
    assert isinstance(by_url(user_arn), Nobody)


def test_without_named_roles_a_function_url_has_no_callers_and_says_why() -> None:
    nobody = by_url(f"arn:aws:sts::{ACCOUNT}:assumed-role/backend/x")

    assert isinstance(nobody, Nobody)
    assert "ZEGO_SERVICE_ROLES" in nobody.why


def test_a_role_that_is_said_to_be_lent_is_no_service_behind_a_function_url_either() -> None:
    event = lent("function_url", "eu-central-1:0b1c")

    assert isinstance(caller_of(event, SETTINGS), Nobody)


def test_a_function_url_vouches_for_no_claims() -> None:
    for authorizer in ({"jwt": {"claims": {"sub": "alice"}}}, {"lambda": {"sub": "alice"}}):
        assert isinstance(called("function_url", authorizer), Nobody)


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
def test_a_role_that_an_identity_pool_lends_is_a_user(trigger: str) -> None:
    caller = caller_of(lent(trigger, "eu-central-1:0b1c"), SETTINGS)

    assert caller == Caller(CallerKind.USER, "eu-central-1:0b1c", frozenset(), "cognito-identity")


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
def test_a_guest_of_an_identity_pool_is_nobody(trigger: str) -> None:
    assert isinstance(caller_of(lent(trigger, "eu-central-1:0b1c", "unauthenticated"), SETTINGS), Nobody)


@pytest.mark.parametrize("identity", [None, "", ["x"], {"a": 1}])
@pytest.mark.parametrize(
    "fact", ["cognitoIdentityPoolId", "cognitoAuthenticationType", "cognitoAuthenticationProvider"]
)
def test_a_role_that_is_lent_to_nobody_is_nobody(identity: Any, fact: str) -> None:
    event = sample_event("rest_api_token04_room")
    event["requestContext"]["identity"] |= {"cognitoIdentityId": identity, fact: "x"}

    assert isinstance(caller_of(event, SETTINGS), Nobody)


@pytest.mark.parametrize(
    ("trigger", "authorizer", "vouched_by"),
    [
        ("http_api", {"jwt": {"claims": {"sub": "alice"}, "scopes": None}}, "jwt"),
        ("http_api", {"lambda": {"sub": "alice"}}, "lambda"),
        ("rest_api", {"claims": {"sub": "alice"}}, "cognito"),
        ("rest_api", {"principalId": "x", "sub": "alice"}, "lambda"),
    ],
)
def test_claims_and_contexts_make_users(trigger: str, authorizer: Any, vouched_by: str) -> None:
    assert called(trigger, authorizer) == Caller(CallerKind.USER, "alice", frozenset(), vouched_by)


def test_the_deployment_names_the_claim_of_the_user_id() -> None:
    claims = {"sub": "0b1c", "username": "alice"}

    by_username = Settings(user_id_claim="username")

    assert user("http_api", {"jwt": {"claims": claims}}, by_username).subject == "alice"
    nobody = called("http_api", {"jwt": {"claims": {"sub": "0b1c"}}}, by_username)
    assert isinstance(nobody, Nobody)
    assert "username" in nobody.why
    assert "0b1c" not in nobody.why


@pytest.mark.parametrize("trigger", USER_TRIGGERS)
@pytest.mark.parametrize(
    ("subject", "name"), [(40213, "40213"), (40213.0, "40213"), (-1, "-1"), ("40213", "40213")]
)
def test_a_lambda_authorizer_may_give_a_number_as_the_subject(trigger: str, subject: Any, name: str) -> None:
    authorizer = {"lambda": {"sub": subject}} if trigger == "http_api" else {"sub": subject}

    assert user(trigger, authorizer).subject == name


@pytest.mark.parametrize("subject", [True, False, 1.5, float("nan"), float("inf"), 1e300, 2**53, None])
def test_other_values_of_a_lambda_authorizer_are_no_subject(subject: Any) -> None:
    nobody = called("http_api", {"lambda": {"sub": subject, "x": "y"}})

    assert isinstance(nobody, Nobody)
    assert "sub" in nobody.why


@pytest.mark.parametrize("claim", ["auth0|5f7c8ec7c33c6c004bbafe82", "eu-central-1:0b1c", "é", "\ud800"])
def test_the_digest_of_a_claim_is_an_id_that_every_product_takes(claim: str) -> None:
    digest = hashlib.sha256(claim.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    by_digest = Settings(user_id_form="digest", service_roles=SERVICE_ROLES)

    by_jwt = user("http_api", {"jwt": {"claims": {"sub": claim}}}, by_digest)
    by_pool = caller_of(lent("http_api", claim), by_digest)
    service = caller_of(sample_event("function_url_token04_room"), by_digest)

    assert by_jwt.subject == digest
    assert isinstance(by_pool, Caller)
    assert by_pool.subject == digest
    assert isinstance(service, Caller)
    assert service.subject == USER_ARN  # the name of a service is no user id


@pytest.mark.parametrize(
    ("claims", "subject"),
    [
        ({"sub": "backend"}, "backend"),
        ({"client_id": "backend"}, "backend"),
        ({"username": "b", "sub": "x"}, "b"),
    ],
)
def test_the_scope_to_issue_makes_a_service(claims: dict[str, str], subject: str) -> None:
    authorizer = {"jwt": {"claims": {"scope": "zego:issue", **claims}}}

    caller = called("http_api", authorizer, Settings(user_id_claim="username"))

    assert caller == Caller(CallerKind.SERVICE, subject, frozenset({ISSUE}), "jwt")


@pytest.mark.parametrize(
    ("trigger", "authorizer"),
    [
        *(("http_api", authorizer) for authorizer in NOBODY_V2),
        *(("function_url", authorizer) for authorizer in NOBODY_V2),
        *(("rest_api", authorizer) for authorizer in NOBODY_V1),
    ],
)
def test_nobody_is_nobody(trigger: str, authorizer: Any) -> None:
    assert isinstance(called(trigger, authorizer), Nobody)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_headers_and_body_make_no_caller(trigger: str) -> None:
    event = without_caller(token_event(trigger))
    event["headers"] = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/…",
        "x-amzn-oidc-identity": "alice",
        "x-amzn-oidc-data": "eyJhbGciOiJFUzI1NiJ9.e30.",
        "x-forwarded-user": "alice",
        "x-user-id": "alice",
    }
    event["body"] = (
        '{"requestContext":{"authorizer":{"iam":{"userArn":"arn"}}},"userArn":"arn","sub":"alice"}'
    )

    assert isinstance(caller_of(event, SETTINGS), Nobody)
