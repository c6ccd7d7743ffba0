"""Events of any shape: the functions answer with a refusal, and never fail."""

import copy
import json
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.api import Api
from tests.factories import TRIGGERS, FakeContext, token_event

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
PATHS = st.lists(
    st.sampled_from(["v1", "tokens", "rooms", "grants", "openapi.json", "", "%2F", "%", "{a}", "ü", "\ud800"])
)
MEMBERS = st.sampled_from(
    ["version", "routeKey", "rawPath", "path", "resource", "httpMethod", "rawQueryString", "queryStringParameters",
     "multiValueQueryStringParameters", "pathParameters", "headers", "multiValueHeaders", "body", "isBase64Encoded",
     "cookies", "stageVariables", "requestContext"]
)  # fmt: skip
INSIDE = st.sampled_from(
    [
        "http",
        "authorizer",
        "identity",
        "stage",
        "requestId",
        "domainName",
        "routeKey",
        "resourcePath",
        "path",
        "elb",
    ]
)
VALUES = JSON | PATHS.map("/".join) | PATHS.map(lambda parts: "ANY /" + "/".join(parts))


def statuses(api: Api, changed: Any) -> int:
    answer = api._handler(changed, FakeContext())
    assert set(answer) >= {"statusCode", "body"}
    json.dumps(answer)
    event(str(answer["statusCode"]))
    return int(answer["statusCode"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    trigger=st.sampled_from(TRIGGERS),
    members=st.dictionaries(MEMBERS, VALUES, max_size=4),
    inside=st.dictionaries(INSIDE, VALUES, max_size=3),
)
def test_no_shape_makes_the_token_api_fail(
    api: Api, trigger: str, members: dict[str, Any], inside: dict[str, Any]
) -> None:
    changed = copy.deepcopy(token_event(trigger))
    changed["requestContext"] |= inside

    assert statuses(api, changed | members) < 500


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(anything=JSON)
def test_nothing_makes_the_token_api_fail(api: Api, anything: Any) -> None:
    assert statuses(api, anything) in (200, 401)
