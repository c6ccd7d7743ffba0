"""What is refused: always a 4xx that says what is wrong, as problem details."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from tests.api import Api
from tests.factories import APP_ID, TRIGGERS, in_base64, sample_event, token_event, without_caller

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
FIELDS = st.sampled_from(
    ["app_id", "appID", "user_id", "userId", "version", "effective_time_in_seconds", "effectiveTimeInSeconds",
     "room_id", "roomID", "privilege", "stream_ids", "stream_id_list", "product", "payload"]
)  # fmt: skip
PLAUSIBLE = st.sampled_from(
    ["03", "04", "alice", "demo", "rtc", "zim", 1, 3600, APP_ID, True, None, [], ["s1"], {"1": 1, "2": 0}, {}]
)


def each(field: str, code: int | None, name: str | None, *bad: object, **fields: object) -> list[Any]:
    """Cases in which one field is bad, among others that are good."""
    return [({**fields, field: value}, field, code, name) for value in bad]


def refused(api: Api, request: dict[str, Any], status: int, field: str | None) -> dict[str, Any]:
    answer = api(request)
    problem = answer.json
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.status, problem["status"], problem.get("field")) == (status, status, field)
    assert problem["type"].startswith("urn:zego-token-service:problem:")
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"] == request["requestContext"]["requestId"]
    return problem


@pytest.mark.parametrize(
    ("fields", "field", "code", "name"),
    [
        *each("app_id", 1, "appIDInvalid", 0, -1, 2**32, 10**30, True, 1.5, "1", None, [], {}),
        *each("user_id", 3, "userIDInvalid", "", None, 1, True, [], "x" * 64, "a b", "a/b", "a:b", "a|b", "a?b", 'a"b', "[a]", "{a}", "é", "房间", "😀", "\ud800"),
        *each("room_id", 2, "roomIDInvalid", "", None, 1, {}, "x" * 128, "é", "room 1", "maths:7b", "a|b"),
        *each("effective_time_in_seconds", 6, "effectiveTimeInSecondsInvalid",
              0, -1, True, 60.5, "60", None, 2**63, 10**40),
        *each("privilege", 4, "privilegeInvalid",
              None, 1, [], {}, {"login": True}, {"login": 1, "publish": 0}, {"1": True, "2": False},
              {"1": 1, "publish": True}, {"1": 2, "2": 0}, {"login": True, "publish": False, "x": 1}, room_id="r"),
        *each("stream_ids", 4, "privilegeInvalid",
              [], "s1", {}, [1], [""], ["ü"], ["x" * 256], ["a b"], ["s"] * 101, ["s1\n"], room_id="r"),
        *each("payload", 4, "privilegeInvalid", None, 1, {}, "\ud800", "x" * 33_000),
        *each("user_id", 3, "userIDInvalid",
              "tab\there", "a\r\nb", "\x00", "\x1b[31m", "\u2028", "\u202eevil", "a\u2066b", "a\u200bb", "\ufeffa", "a\u00a0b", " a", "a ", " ", "\u3164", "\u2800", "\ue000", "\u0378", "a\ufe0f", "e\u0301", "\u212b"),
        *each("room_id", 2, "roomIDInvalid", "\x7f", "\u0085", "\u200f", "A\u030a"),
        *each("version", None, None, "05", "4", 4, None, [], {}),
        *each("product", None, None, "", "RTC", 1, None, [], {}),
        ({"payload": "", "room_id": "r"}, "payload", 4, "privilegeInvalid"),
        ({"privilege": {"1": 1, "2": 1}}, "privilege", 4, "privilegeInvalid"),
        ({"stream_ids": ["s1"]}, "stream_ids", 4, "privilegeInvalid"),
        ({"payload": "", "stream_ids": ["s1"]}, "stream_ids", 4, "privilegeInvalid"),
        ({"version": "03"}, "room_id", 2, "roomIDInvalid"),
        ({"version": "03", "payload": "p"}, "payload", 4, "privilegeInvalid"),
        ({"version": "03", "room_id": "r", "stream_ids": ["s1"]}, "stream_ids", 4, "privilegeInvalid"),
        ({"product": "zim", "room_id": "r"}, "room_id", 2, "roomIDInvalid"),
        ({"product": "zim", "user_id": "x" * 33}, "user_id", 3, "userIDInvalid"),
        ({"product": "zim", "effective_time_in_seconds": 29}, "effective_time_in_seconds", 6,
         "effectiveTimeInSecondsInvalid"),
        ({"secret": "x"}, "secret", None, None),
        ({"appid": 1}, "appid", None, None),
        ({"": 1}, "", None, None),
    ],
)  # fmt: skip
def test_bad_fields_are_named(
    api: Api, fields: dict[str, Any], field: str, code: int | None, name: str | None
) -> None:
    problem = refused(api, token_event(fields=fields), 400, field)

    assert (problem.get("error_code"), problem.get("error_name")) == (code, name)


@pytest.mark.parametrize(
    "body",
    [
        "", " ", "null", "[]", "1", '"text"', "{", "{]", "{'user_id':'a'}", '{"user_id":"a",}', '{"user_id":"a"}x',
        '{"user_id":"a","app_id":NaN}', '{"user_id":"a","app_id":-Infinity}', '\ufeff\ufeff{"user_id":"a"}',
        '{"user_id":"a\nb"}', "[" * 60_000, '{"a":' * 10_000, "{" + " " * 65_000 + "]",
    ],
)  # fmt: skip
def test_bodies_that_are_no_json_object(api: Api, body: str) -> None:
    refused(api, token_event(body=body), 400, "body")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"user_id":"a","user_id":"b"}', "user_id"),
        ('{"user_id":"a","app_id":1,"app_id":1}', "app_id"),
        ("{" + ",".join(f'"{number}":0' for number in (*range(5000), 4999)) + "}", "4999"),
        ('{"user_id":"a","userID":"b"}', "user_id"),
        ('{"userId":"a","userID":"a"}', "user_id"),
        ('{"user_id":"a","room_id":"r","privilege":{"1":1,"1":1,"2":0}}', "1"),
        ('{"user_id":"a","app_id":' + "9" * 60_000 + "}", "app_id"),
        ('{"user_id":"a","app_id":1.00000000000000000000000001}', "app_id"),
        ('{"user_id":"a","app_id":15e-1}', "app_id"),
        ('{"user_id":"a","app_id":1e999}', "app_id"),
        ('{"user_id":"a","app_id":-0}', "app_id"),
        ('{"user_id":"a","' + "n" * 1000 + '":1}', "n" * 64 + "…"),
    ],
)
def test_duplicates_aliases_and_odd_numbers(api: Api, body: str, field: str) -> None:
    refused(api, token_event(body=body), 400, field)


@pytest.mark.parametrize(
    ("body", "is_base64"),
    [(None, False), (None, True), (5, False), ("%%%", True), ("ü", True), ("/w==", True)],
)
def test_events_with_odd_bodies(api: Api, body: Any, is_base64: bool) -> None:
    refused(api, token_event() | {"body": body, "isBase64Encoded": is_base64}, 400, "body")


@pytest.mark.parametrize("headers", [None, 5, "text", [], {"content-type": None}, {"x": ["a"]}, {"": {}}])
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_events_with_odd_headers(api: Api, trigger: str, headers: Any) -> None:
    event = token_event(trigger) | {"headers": headers, "multiValueHeaders": headers}
    event["requestContext"] |= {"requestId": headers, "domainName": headers}

    assert (api(event).status, api(event).json["field"]) == (415, "Content-Type")


@pytest.mark.parametrize("is_base64", [True, False])
def test_a_body_over_64_kib_is_too_large(api: Api, is_base64: bool) -> None:
    text = json.dumps({"user_id": "a"})
    for size, status in ((65_536, 200), (65_537, 413)):
        body = text + " " * (size - len(text))
        event = token_event(body=b64encode(body.encode()).decode() if is_base64 else body)
        event["isBase64Encoded"] = is_base64

        assert api(event).status == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(" " * 2**20, 413, id="1 MB"),
        pytest.param('{"user_id":"' + "a" * 2**20 + '"}', 413, id="1 MB of an id"),
        pytest.param("[" * 10**5, 413, id="10^5 lists"),
        pytest.param("[" * 10**5 + "]" * 10**5, 413, id="10^5 lists that end"),
        pytest.param('{"user_id":"alice","app_id":' + "9" * 10**5 + "}", 413, id="10^5 digits"),
        # as much of the same as is taken to be read
        pytest.param("[" * 65_536, 400, id="lists"),
        pytest.param("[" * 32_768 + "]" * 32_768, 400, id="lists that end"),
        pytest.param('{"stream_ids":' + "[" * 32_000 + "]" * 32_000 + "}", 400, id="lists in a field"),
        pytest.param('{"a":' * 10_000 + "1" + "}" * 10_000, 400, id="objects"),
        pytest.param('{"user_id":"alice","app_id":' + "9" * 65_000 + "}", 400, id="digits"),
        pytest.param('{"user_id":"alice","app_id":-' + "9" * 65_000 + "}", 400, id="negative digits"),
        pytest.param('{"user_id":"alice","app_id":1e' + "9" * 65_000 + "}", 400, id="digits of an exponent"),
        pytest.param('{"user_id":"alice","app_id":0.' + "9" * 65_000 + "}", 400, id="digits of a fraction"),
    ],
)
def test_large_deep_and_long_bodies_are_refused(api: Api, body: str, status: int) -> None:
    events = [token_event(trigger, body=body) for trigger in TRIGGERS]

    assert [api(event).status for event in (*events, *map(in_base64, events))] == [status] * 6


def test_the_size_is_counted_in_bytes(api: Api) -> None:
    refused(api, token_event(body='{"user_id":"' + "é" * 40_000 + '"}'), 413, "body")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", " ", "json", "*/*",
     "text/plain; application/json", "application/json, text/plain", "application/vnd.api+json", "application/jsonp",
     "application/json; charset=utf-16", "application/json; charset=latin-1", "application/json;charset="],
)  # fmt: skip
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_other_content_types(api: Api, trigger: str, content_type: str) -> None:
    event = token_event(trigger)
    event["headers"] = {"content-type": content_type}

    refused(api, event, 415, "Content-Type")


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_body_needs_its_type(api: Api, trigger: str) -> None:
    # given: what a page can send without a preflight
    event = token_event(trigger)
    event["headers"] = {"host": "api.example.com"}

    problem = refused(api, event, 415, "Content-Type")

    assert problem["detail"] == "the Content-Type must be application/json; the request has none"


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_all_types_that_a_rest_api_lists_count(api: Api, trigger: str) -> None:
    event = token_event(trigger) | {"multiValueHeaders": {"CONTENT-TYPE": ["text/plain", "application/json"]}}

    refused(api, event, 415, "Content-Type")


@pytest.mark.parametrize("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", " application/json ; charset=utf-8", "application/json;charset=\"UTF-8\"",
     "application/json; Charset=utf8", "application/json; profile=x"],
)  # fmt: skip
def test_json_in_any_spelling(api: Api, name: str, content_type: str) -> None:
    for trigger in TRIGGERS:
        event = token_event(trigger) | {"headers": {name: content_type}, "multiValueHeaders": None}

        assert api(event).status == 200


@pytest.mark.parametrize("body", [None, ""])
def test_a_request_without_a_body_needs_no_type(api: Api, body: str | None) -> None:
    refused(api, token_event() | {"body": body, "headers": {}}, 400, "body")


def test_a_validity_beyond_the_deployments_is_not_granted(api: Api) -> None:
    event = token_event(fields={"effective_time_in_seconds": 86_401})

    problem = refused(api, event, 403, "effective_time_in_seconds")

    assert problem["error_code"] == 6
    assert api(token_event(fields={"effective_time_in_seconds": 86_400})).status == 200


def test_an_unknown_app_is_not_found(api: Api) -> None:
    refused(api, token_event(fields={"app_id": APP_ID + 1}), 404, "app_id")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/token"), ("POST", "/"), ("POST", "/v2/tokens"), ("GET", "/v1/openapi"),
     ("POST", "/v1/tokens/x"), ("GET", "/openapi.json/x")],
)  # fmt: skip
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_other_routes_do_not_exist(api: Api, trigger: str, method: str, path: str) -> None:
    event = token_event(trigger)
    if trigger == "rest_api":
        event |= {"httpMethod": method, "path": path}
    else:
        event["rawPath"] = path
        event["requestContext"]["http"] = {**event["requestContext"]["http"], "method": method, "path": path}

    refused(api, event, 404, None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.text() | st.binary().map(lambda data: data.decode("latin-1")) | JSON.map(json.dumps))
@example("\ud800")
def test_no_body_makes_the_service_fail(api: Api, body: str) -> None:
    assert api(token_event(body=body)).status in (400, 413)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(FIELDS, PLAUSIBLE | JSON, max_size=2))
def test_no_fields_make_the_service_fail(api: Api, fields: dict[str, Any]) -> None:
    answer = api(token_event(body=json.dumps({"user_id": "alice", "room_id": "demo"} | fields)))

    event(str(answer.status))
    assert answer.status in (200, 400, 403, 404)
    if answer.status != 200:
        assert answer.json["field"]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_no_caller_no_token(api: Api, trigger: str) -> None:
    refused(api, without_caller(sample_event(f"{trigger}_token04_room")), 401, None)
