"""Rights and groups are read from the forms that each API really writes, and from nothing else."""

from typing import Any

import pytest

from tests.authenticated import user
from zego_service.callers import ISSUE, PUBLISH, RIGHTS


def in_claims(trigger: str, writer: str, claims: dict[str, Any]) -> tuple[Any, str | None]:
    """An authorizer with these claims as its API writes them, and the payload's version where it is not the usual."""
    claims = {"sub": "alice", **claims}
    authorizers = {
        "jwt": {"jwt": {"claims": claims}},
        "1.0": {"claims": claims},
        "cognito": {"claims": claims},
    }
    by_lambda = {"lambda": claims} if trigger == "http_api" else claims
    return authorizers.get(writer, by_lambda), "1.0" if writer == "1.0" else None


WRITERS = {
    "jwt": ("http_api", "jwt"),
    "jwt in payload 1.0": ("rest_api", "1.0"),
    "cognito": ("rest_api", "cognito"),
    "lambda": ("http_api", "lambda"),
    "lambda of a REST API": ("rest_api", "lambda"),
}
EVERY = tuple(WRITERS)
OF_HTTP_API, OF_LAMBDA = ("jwt", "jwt in payload 1.0"), ("lambda", "lambda of a REST API")
ROLES = ("scp", "roles", "permissions")


def each(writers: tuple[str, ...], *claims: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(writer, one) for writer in writers for one in claims]


@pytest.mark.parametrize(
    ("writer", "claims"),
    [
        *each(EVERY, *({name: "openid zego:publish"} for name in RIGHTS)),
        *each(EVERY, *({name: ["openid", "zego:publish"]} for name in RIGHTS)),
        *each(EVERY, {"scope": "openid zego/publish"}, {"roles": "zego:publish"}),
        *each(OF_HTTP_API, {"scope": "[openid zego:publish]"}, {"cognito:groups": "[staff zego:publish]"}),
        *each(OF_HTTP_API, *({name: "[zego:publish]"} for name in ROLES), {"cognito:groups": "[zego:publish]"}),
        *each(EVERY, {"cognito:groups": ["zego:publish"]}),
        *each(("cognito", *OF_LAMBDA), {"cognito:groups": "staff,zego:publish"}, {"cognito:groups": "zego:publish"}),
        *each(OF_LAMBDA, *({name: '["openid", "zego:publish"]'} for name in RIGHTS)),
        *each(OF_LAMBDA, {"scope": "openid,zego:publish"}, {"scope": "openid, zego:publish"}),
    ],
)  # fmt: skip
def test_rights_come_in_the_forms_that_apis_and_issuers_write(writer: str, claims: dict[str, Any]) -> None:
    trigger, kind = WRITERS[writer]
    authorizer, version = in_claims(trigger, kind, claims)

    assert PUBLISH in user(trigger, authorizer, version=version).scopes


@pytest.mark.parametrize(
    ("writer", "claims"),
    [
        *each(EVERY, *({"scope": scope} for scope in (
            "zego:issuer", "xzego:issue", "zego", "issue", "ZEGO:ISSUE", 5, True, None, {}, {"zego:issue": True},
            ["openid zego:issue"], ["[zego:issue]"], [["zego:issue"]], "x\u00a0zego:issue", "zego/zego:issue",
            "[zego:issue]", "[zego:issue ]", "[ zego:issue]", "openid [zego:issue]",
            "[[zego:issue]]", "[[a zego:issue b] c]", "[a [b zego:issue c]]",
            "map[zego:issue:1]", "map[a:b zego:issue c:d]", "[map[a:b zego:issue:1]]", "[map[x zego:issue y] z]",
            "<nil> zego:issue", '[["zego:issue"]]', '{"scope": "zego:issue"}', '"zego:issue"', "[zego:issue",
        ))),
        *each(("cognito", *OF_LAMBDA), *({name: "[a zego:issue b]"} for name in RIGHTS)),
        *each(("cognito", *OF_LAMBDA), *({name: "[zego:issue]"} for name in RIGHTS)),
        *each(("cognito", *OF_HTTP_API), {"scope": "a,zego:issue"}, {"scope": '["zego:issue"]'}),
        *each(EVERY, {"scope": ["a,zego:issue"]}),
        # groups make no service
        *each(EVERY, *({"cognito:groups": groups} for groups in (["zego:issue"], "zego:issue", "[a zego:issue]"))),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_right_makes_no_service(writer: str, claims: dict[str, Any]) -> None:
    trigger, kind = WRITERS[writer]
    authorizer, version = in_claims(trigger, kind, claims)

    assert ISSUE not in user(trigger, authorizer, version=version).scopes


@pytest.mark.parametrize(
    ("writer", "groups"),
    [
        *each(("cognito",), *({"cognito:groups": text} for text in ("[staff zego:publish]", "staff zego:publish"))),
        *each(OF_HTTP_API, *({"cognito:groups": text} for text in ("staff,zego:publish", "zego:publish"))),
        *each(OF_HTTP_API, {"cognito:groups": "[[zego:publish]]"}, {"cognito:groups": "map[a zego:publish b]"}),
    ],
)  # fmt: skip
def test_groups_come_only_in_the_form_that_the_api_gives_them(writer: str, groups: dict[str, Any]) -> None:
    trigger, kind = WRITERS[writer]
    authorizer, version = in_claims(trigger, kind, groups)

    assert PUBLISH not in user(trigger, authorizer, version=version).scopes
