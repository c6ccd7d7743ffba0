"""Many tokens by one request: in order, each answered by itself, within bounds of size and time."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from tests.api import Answer, Api, create_api, handler_over
from tests.batch_requests import batch_event, batch_of, statuses, users
from tests.clocks import FakeClock
from tests.factories import APP_ID, OPEN_SETTINGS, SECRET, TRIGGERS, FakeContext, in_base64, without_caller
from tests.independent import open_token
from tests.output import Written
from token_api.batch_routes import MAX_BODY_BYTES, MAX_ITEMS, MAX_ITEMS_BYTES

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

AWAY = EndpointConnectionError(endpoint_url="https://aws")
LAMBDA_ANSWER_BYTES = 6 * 1024 * 1024
SPEAKER = {"login": True, "publish": True}


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_each_item_is_answered_in_order_with_the_defaults(api: Api, trigger: str) -> None:
    # given
    defaults = {"room_id": "demo", "effective_time_in_seconds": 600}
    items = [
        {"user_id": "alice", "privilege": SPEAKER},
        {"user_id": "b b"},
        {"userID": "carol", "roomId": "other"},
        {},
    ]

    # when
    answer = api(batch_event(items, defaults, trigger=trigger))

    # then
    results = answer.json["results"]
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert statuses(results) == [200, 400, 200, 400]
    assert [result.get("room_id") for result in results] == ["demo", None, "other", None]
    content = open_token(results[0]["token"], SECRET).content
    assert (content["user_id"], content["expire"] - content["ctime"]) == ("alice", 600)
    assert results[1]["problem"]["field"] == "user_id"
    assert results[1]["problem"]["instance"].endswith("#items[1].user_id")
    assert "token" not in results[1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", "body"),
        ("[]", "body"),
        ("{", "body"),
        ("{}", "items"),
        ('{"user_id": "alice"}', "items"),
        ('{"items": null}', "items"),
        ('{"items": {}}', "items"),
        ('{"items": "alice"}', "items"),
        ('{"items": []}', "items"),
        (json.dumps({"items": users(MAX_ITEMS + 1)}), "items"),
        ('{"items": [{"user_id": "a"}, 5]}', "items[1]"),
        ('{"items": [null]}', "items[0]"),
        ('{"items": [[{"user_id": "a"}]]}', "items[0]"),
        ('{"items": [{"user_id": "a"}], "item": []}', "item"),
        ('{"items": [{"user_id": "a"}], "room": "demo"}', "room"),
        ('{"items": [{"user_id": "a"}], "roomId": "x", "room_id": "y"}', "room_id"),
        ('{"items": [{"user_id": "a"}], "items": [{"user_id": "b"}]}', "items"),
        ('{"items": [{"user_id": "a", "user_id": "b"}]}', "user_id"),
        ('{"items": [{"user_id": NaN}]}', "body"),
    ],
)
def test_a_malformed_batch_is_one_error_that_names_the_field(api: Api, body: str, field: str) -> None:
    answer = api(batch_of(body))

    assert (answer.status, answer.json["field"]) == (400, field)


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (batch_of("{" + " " * MAX_BODY_BYTES), 413),
        (batch_event(users(500), {"payload": "x" * (MAX_ITEMS_BYTES // 500)}), 413),
        ({**batch_event(users(1)), "headers": {"content-type": "text/plain"}}, 415),
        (without_caller(batch_event(users(1))), 401),
    ],
)
def test_a_batch_is_refused_as_a_whole(api: Api, event: dict[str, Any], status: int) -> None:
    answer = api(event)

    assert (answer.status, answer.json["status"]) == (status, status)


def test_deep_items_are_refused(api: Api) -> None:
    for depth in (400, 900, 20_000):
        deep = '{"items": [{"user_id": ' + "[" * depth + "]" * depth + "}]}"

        answer = api(batch_of(deep))

        found = answer.json["results"][0] if answer.status == 200 else {"status": answer.status}
        assert found["status"] == 400


def test_500_realistic_items_fit(api: Api) -> None:
    # given: what a school sends, pretty-printed
    items = users(500, privilege=SPEAKER, stream_ids=["maths-7b_0123456789abcdef_main", "maths-7b_screen"])
    body = {"room_id": "maths-7b", "product": "uikit", "effective_time_in_seconds": 7200, "items": items}

    answer = api(batch_of(json.dumps(body, indent=4)))

    assert statuses(answer.json["results"]) == [200] * 500
    assert {open_token(each["token"], SECRET).content["user_id"] for each in answer.json["results"]} == {
        f"user-{number}" for number in range(500)
    }


def test_base64_is_taken_too(api: Api) -> None:
    assert statuses(api(in_base64(batch_event(users(2)))).json["results"]) == [200, 200]


LONG = {"user_id": "u" * 63, "room_id": "r" * 127, "product": "uikit", "privilege": SPEAKER}


@pytest.mark.parametrize(
    "item",
    [
        {**LONG, "stream_ids": "uikit", "user_name": "%" * 256},
        {**LONG, "stream_ids": "uikit", "user_name": "😀" * 64},
        {"user_id": "😀" * 8, "product": "zim"},
        {"user_id": "u" * 64},
    ],
)
def test_the_largest_items_fit_into_lambdas_answer(api: Api, item: dict[str, object]) -> None:
    answer = api(batch_event([item] * MAX_ITEMS))

    assert answer.status == 200
    assert len(json.dumps(answer.text)) < LAMBDA_ANSWER_BYTES


@pytest.mark.parametrize(("count", "width"), [(40, 250), (100, 60), (500, 8), (500, 60)])
def test_the_largest_batch_of_streams_fits_into_lambdas_answer(api: Api, count: int, width: int) -> None:
    # given: as many stream ids as a batch may have, of what takes most room in a token
    most = MAX_ITEMS_BYTES // count - 330
    streams = [f"{number:02x}".ljust(width, "\\") for number in range(100)]
    fitting = [stream for n, stream in enumerate(streams) if (n + 1) * (2 * width + 3) < most]

    answer = api(batch_event([{**LONG, "stream_ids": fitting}] * count))

    assert statuses(answer.json["results"]) == [200] * count
    assert len(json.dumps(answer.text)) < LAMBDA_ANSWER_BYTES


def test_a_token_for_each_is_counted_and_recorded(api: Api, written: Written) -> None:
    written()

    api(batch_event([*users(3), {"user_id": "b b"}, {"user_id": "x", "effective_time_in_seconds": 86_401}]))

    lines = [json.loads(line) for line in written().splitlines()]
    decisions = [line for line in lines if line.get("message") == "token decision"]
    assert [line["outcome"] for line in decisions] == ["issued"] * 3 + ["refused"] * 2
    assert sorted(line.get("rule") or line["field"] for line in decisions[3:]) == [
        "longest-validity",
        "user_id",
    ]
    assert sum("TokensIssued" in line for line in lines) == 3
    assert sum("TokenRejected" in line for line in lines) == 2


class Counting:
    """A client whose calls are counted; some of them fail."""

    def __init__(self, client: object, failing: Mapping[str, Exception] | None = None) -> None:
        self._client = client
        self._failing = failing or {}
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name in ("meta", "exceptions", "close"):
            return getattr(self._client, name)

        def call(**arguments: object) -> Any:
            self.calls.append(name)
            if name in self._failing:
                raise self._failing[name]
            return getattr(self._client, name)(**arguments)

        return call


@pytest.fixture
def stored(secrets_manager: "SecretsManagerClient") -> "SecretsManagerClient":
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    create_api(secrets_manager, OPEN_SETTINGS)  # which makes the table
    return secrets_manager


def counted(
    stored: "SecretsManagerClient", failing: Mapping[str, Exception] | None = None, **settings: Any
) -> tuple[Api, Counting, Counting]:
    """An API, and the calls that it makes of Secrets Manager and of DynamoDB."""
    secrets, table = Counting(stored, failing), Counting(boto3.client("dynamodb"), failing)
    clock = FakeClock()
    handler = handler_over(secrets, replace(OPEN_SETTINGS, **settings), table, clock)  # type: ignore[arg-type]
    return Api(handler), secrets, table


def test_the_secret_and_the_revocations_are_read_once(stored: "SecretsManagerClient") -> None:
    api, secrets, table = counted(stored)

    answer = api(batch_event(users(50)))

    assert statuses(answer.json["results"]) == [200] * 50
    assert (secrets.calls, table.calls) == (["get_secret_value"], ["query"])


@pytest.mark.parametrize(
    ("operation", "reason"),
    [("get_secret_value", "secret-unavailable"), ("query", "revocations-unavailable")],
)
def test_an_outage_is_asked_for_once_and_refuses_each(
    stored: "SecretsManagerClient", operation: str, reason: str
) -> None:
    api, secrets, table = counted(stored, {operation: AWAY})
    invalid = {"user_id": "x", "effective_time_in_seconds": 86_401}

    results = api(batch_event([*users(20), invalid])).json["results"]

    assert statuses(results) == [503] * 20 + [403]
    assert {result["problem"]["type"].rpartition(":")[2] for result in results[:20]} == {reason}
    assert {result["retry_after"] for result in results[:20]} == {5}
    assert (secrets.calls + table.calls).count(operation) == 1
    assert api(batch_event(users(1))).json["results"][0]["status"] == 503


class Ending(FakeContext):
    """A request with so much time left."""

    def __init__(self, milliseconds: int) -> None:
        super().__init__()
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]
        return self._milliseconds


@pytest.mark.parametrize("milliseconds", [0, 400, 660])
def test_what_there_is_no_time_for_says_so(stored: "SecretsManagerClient", milliseconds: int) -> None:
    api, secrets, table = counted(stored)

    answer = Answer(api._handler(batch_event([*users(3), {"user_id": ""}]), Ending(milliseconds)))

    results = answer.json["results"]
    assert (answer.status, statuses(results)) == (200, [503, 503, 503, 400])
    assert results[0]["problem"]["type"].endswith(":out-of-time")
    assert results[0]["retry_after"] > 0
    assert secrets.calls + table.calls == []


def test_with_time_all_are_answered(stored: "SecretsManagerClient") -> None:
    api, _, _ = counted(stored)

    answer = Answer(api._handler(batch_event(users(3)), Ending(10_000)))

    assert statuses(answer.json["results"]) == [200] * 3
