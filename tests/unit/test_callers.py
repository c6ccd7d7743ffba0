"""Callers come from what has been authenticated, and from nothing else."""

from typing import Any

import pytest

from tests.factories import TRIGGERS, USER_ARN, sample_event, token_event, without_caller
from token_api.gateway_events import caller_of
from zego_service.callers import INSPECT, ISSUE, PUBLISH, REVOKE, Caller, CallerKind

NOBODY_V2: list[Any] = [
    None, {}, [], "alice", {"iam": None}, {"iam": {"userArn": ""}}, {"iam": {"userArn": ["arn"]}},
    {"iam": {"userArn": "arn", "cognitoIdentity": {"identityId": ""}}},
    {"iam": {"userArn": "arn", "cognitoIdentity": {"identityId": ["x"]}}},
    {"iam": {"userArn": "arn", "cognitoIdentity": {"identityPoolId": "p"}}},
    {"iam": {"userArn": "arn", "cognitoIdentity": {}}}, {"iam": {"userArn": "arn", "cognitoIdentity": "x"}},
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


def called(trigger: str, authorizer: Any, claim: str = "sub") -> Caller | None:
    event = without_caller(token_event(trigger))
    event["requestContext"]["authorizer"] = authorizer
    return caller_of(event, claim)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_role_of_aws_is_a_service(trigger: str) -> None:
    event = sample_event(f"{trigger}_token04_room")

    caller = caller_of(event, "sub")

    assert caller == Caller(CallerKind.SERVICE, USER_ARN, frozenset({ISSUE, PUBLISH, REVOKE, INSPECT}), "iam")
    assert caller.identity == f"iam:{USER_ARN}"
    assert caller_of(without_caller(event), "sub") is None


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_role_that_an_identity_pool_lends_is_a_user(trigger: str) -> None:
    event = sample_event(f"{trigger}_token04_room")
    if trigger == "rest_api":
        event["requestContext"]["identity"] |= {"cognitoIdentityId": "eu-central-1:0b1c"}
    else:
        event["requestContext"]["authorizer"]["iam"] |= {
            "cognitoIdentity": {"identityId": "eu-central-1:0b1c"}
        }

    caller = caller_of(event, "sub")

    assert caller == Caller(CallerKind.USER, "eu-central-1:0b1c", frozenset(), "cognito-identity")


@pytest.mark.parametrize("identity", [None, "", ["x"], {"a": 1}])
@pytest.mark.parametrize(
    "fact", ["cognitoIdentityPoolId", "cognitoAuthenticationType", "cognitoAuthenticationProvider"]
)
def test_a_role_that_is_lent_to_nobody_is_nobody(identity: Any, fact: str) -> None:
    event = sample_event("rest_api_token04_room")
    event["requestContext"]["identity"] |= {"cognitoIdentityId": identity, fact: "x"}

    assert caller_of(event, "sub") is None


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

    caller = called("http_api", {"jwt": {"claims": claims}}, claim="username")

    assert caller is not None
    assert caller.subject == "alice"
    assert called("http_api", {"jwt": {"claims": {"sub": "0b1c"}}}, claim="username") is None


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "openid zego:publish"},
        {"scp": ["openid", "zego:publish"]},
        {"scope": "openid zego/publish"},
        {"scope": "[openid zego:publish]"},
        {"scope": "openid", "cognito:groups": "[staff zego:publish]"},
        {"cognito:groups": ["zego:publish"]},
        {"cognito:groups": "staff,zego:publish"},
    ],
)
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_scopes_come_in_many_forms(trigger: str, claims: dict[str, Any]) -> None:
    claims = {"sub": "alice", **claims}
    authorizer = {"claims": claims} if trigger == "rest_api" else {"jwt": {"claims": claims}}

    caller = called(trigger, authorizer)

    assert caller is not None
    assert caller.kind is CallerKind.USER
    assert PUBLISH in caller.scopes


@pytest.mark.parametrize(
    "scope",
    ["zego:publisher", "xzego:publish", "zego", "publish", "ZEGO:PUBLISH", 5, None, {}, "openid,zego:publish",
     ["openid zego:publish"], ["[zego:publish]"], "x\u00a0zego:publish", "[[zego:publish]]", "zego/zego:publish"],
)  # fmt: skip
def test_what_only_looks_like_a_scope_is_none(scope: Any) -> None:
    caller = called("http_api", {"jwt": {"claims": {"sub": "alice", "scope": scope}}})

    assert caller is not None
    assert PUBLISH not in caller.scopes


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

    caller = called("http_api", authorizer, claim="username")

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
    assert called(trigger, authorizer) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"cognito:groups": ["zego:issue"]},
        {"cognito:groups": "zego:issue"},
        {"cognito:groups": "[a zego:issue]"},
        {"scope": ["a,zego:issue"]},
        {"scope": ["a zego:issue"]},
        {"scope": "a,zego:issue"},
    ],
)
def test_nobody_becomes_a_service_by_a_group_or_a_trick(claims: dict[str, Any]) -> None:
    caller = called("http_api", {"jwt": {"claims": {"sub": "mallory", **claims}}})

    assert caller is not None
    assert caller.kind is CallerKind.USER
    assert ISSUE not in caller.scopes


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

    assert caller_of(event, "sub") is None
