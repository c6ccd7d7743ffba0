"""Tokens from grants, and who may join a room."""

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
from botocore.exceptions import EndpointConnectionError

from local.aws import create_stack, create_table
from tests.api import Answer, Api
from tests.factories import APP_ID, SECRET, TRIGGERS, as_user, token_event, without_caller
from tests.independent import open_token
from tests.output import Written
from token_api.handler import create_handler
from zego_service.callers import ISSUE, Caller, CallerKind
from zego_service.details import TokensRequest
from zego_service.errors import GrantsUnavailableError
from zego_service.issuing import IssuedToken
from zego_service.requests import TokenRequest
from zego_service.rooms import CancelledRoom, Participant, RoomKey, RosterEntry, ScheduledRoom, Window
from zego_service.secret_store import secrets_manager_client
from zego_service.service import TokenService, token_service
from zego_service.settings import Settings
from zego_service.table import dynamodb_client

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

HOUR = 3600
ALICE = Participant(user_id="alice", publish=True, stream_ids=("s1", "s2"))
BOB = Participant(user_id="bob")
SERVICE = Caller(CallerKind.SERVICE, "test", frozenset((ISSUE,)), "test")
SETTINGS = Settings(default_app_id=APP_ID)


@pytest.fixture
def service(secrets_manager: "SecretsManagerClient") -> TokenService:
    """A deployment without any grants."""
    secrets_manager.create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    create_table()
    return token_service(SETTINGS, secrets_manager_client(), dynamodb_client())


@pytest.fixture
def api(service: TokenService) -> Api:
    return Api(create_handler(service))


def window(starts_in: int = -HOUR, ends_in: int = HOUR) -> Window:
    now = int(time.time())
    return Window(starts_at=now + starts_in, ends_at=now + ends_in)


def schedule(
    service: TokenService,
    *participants: Participant,
    when: Window | None = None,
    room_id: str = "demo",
    revision: int = 1,
) -> None:
    room = ScheduledRoom(RoomKey(APP_ID, room_id), revision, when or window(), participants)
    service.grants.schedule(room)


def enroll(
    service: TokenService, participant: Participant, when: Window | None = None, revision: int = 1
) -> None:
    entry = RosterEntry(2, RoomKey(APP_ID, "demo"), participant, when or window())
    service.grants.add_roster([entry], revision)


def request(
    method: str,
    route: str,
    trigger: str = "http_api",
    body: object = None,
    query: dict[str, object] | None = None,
    **parameters: str,
) -> dict[str, Any]:
    """A service's request as the trigger passes it on: an HTTP API decodes the path, the others do not."""
    event = token_event(trigger)
    path = route
    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", value if trigger == "http_api" else quote(value, safe=""))
    event["body"] = None if body is None else json.dumps(body)
    if trigger == "rest_api":
        named = {name: [str(value)] for name, value in (query or {}).items()}
        return event | {
            "httpMethod": method,
            "resource": route,
            "path": path,
            "pathParameters": {name: quote(value, safe="") for name, value in parameters.items()},
            "multiValueQueryStringParameters": named or None,
        }
    http = {**event["requestContext"]["http"], "method": method, "path": path}
    event |= {"rawPath": path, "rawQueryString": urlencode(query or {})}
    event["requestContext"] = {**event["requestContext"], "http": http}
    if trigger == "http_api":
        event |= {"routeKey": f"{method} {route}", "pathParameters": parameters}
    return event


def entry(trigger: str = "http_api", room_id: str = "demo", **fields: object) -> dict[str, Any]:
    """A service asks for alice's token of a room."""
    body = {"user_id": "alice", **fields}
    return request("POST", "/v1/rooms/{room_id}/tokens", trigger, body, room_id=room_id)


def refused(answer: Answer, status: int, rule: str | None = None, field: str | None = None) -> Answer:
    found = (answer.status, answer.json.get("rule"), answer.json.get("field"))
    assert found == (status, rule, field)
    return answer


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize(
    "participant", [ALICE, Participant(user_id="alice"), Participant(user_id="alice", login=False)]
)
def test_the_grant_says_what_is_in_the_token(
    service: TokenService, api: Api, trigger: str, participant: Participant
) -> None:
    schedule(service, BOB, participant)

    answer = api(entry(trigger))

    assert answer.status == 200
    streams = None if participant.stream_ids is None else [*participant.stream_ids]
    assert json.loads(open_token(answer.json["token"], SECRET).content["payload"]) == {
        "room_id": "demo",
        "privilege": {"1": int(participant.login), "2": int(participant.publish)},
        "stream_id_list": streams,
    }
    assert answer.json["user_id"] == "alice"


@pytest.mark.parametrize("trigger", ["http_api", "rest_api"])
def test_a_user_needs_no_body_and_no_scope_for_publishing(
    service: TokenService, api: Api, trigger: str
) -> None:
    schedule(service, ALICE)

    answer = api(as_user(entry(trigger), {"sub": "alice"}) | {"body": None})

    assert answer.status == 200
    assert answer.json["privilege"] == {"login": True, "publish": True}


def test_a_user_learns_nothing_of_others(service: TokenService, api: Api) -> None:
    schedule(service, ALICE)

    refused(api(as_user(entry(), {"sub": "eve"})), 403, "own-user", "user_id")
    refused(api(as_user(entry(room_id="none"), {"sub": "eve"})), 403, "own-user", "user_id")
    refused(api(without_caller(entry())), 401)


def test_before_the_window_it_says_when_to_come_back(service: TokenService, api: Api) -> None:
    when = window(HOUR, 2 * HOUR)
    schedule(service, ALICE, when=when)

    answer = refused(api(entry()), 403, "too-early", "room_id")

    assert HOUR - 60 < int(answer.headers["retry-after"]) <= HOUR
    assert str(when.starts_at) in answer.json["detail"]


def test_after_the_window_there_is_no_token(service: TokenService, api: Api) -> None:
    schedule(service, ALICE, when=window(-2 * HOUR, -HOUR))

    assert "retry-after" not in refused(api(entry()), 403, "too-late", "room_id").headers


def test_without_a_grant_there_is_no_token(service: TokenService, api: Api) -> None:
    refused(api(entry()), 403, "no-grant", "room_id")
    schedule(service, BOB)
    refused(api(entry()), 403, "no-grant", "room_id")


def test_a_cancelled_room_lets_nobody_in(service: TokenService, api: Api) -> None:
    schedule(service, ALICE)
    enroll(service, ALICE)

    service.grants.cancel(CancelledRoom(RoomKey(APP_ID, "demo"), 1))

    refused(api(entry()), 403, "room-cancelled", "room_id")


def test_a_roster_lets_in_whom_the_schedule_does_not(service: TokenService, api: Api) -> None:
    # given alice, who is on a roster and, for later, in the schedule
    schedule(service, ALICE, when=window(HOUR, 2 * HOUR))
    enroll(service, Participant(user_id="alice"))

    # then the roster counts now, in its highest revision
    assert api(entry()).json["privilege"] == {"login": True, "publish": False}
    enroll(service, ALICE, revision=2)
    assert api(entry()).json["stream_ids"] == ["s1", "s2"]
    enroll(service, ALICE, window(2 * HOUR, 3 * HOUR), revision=3)
    assert HOUR - 60 < int(refused(api(entry()), 403, "too-early", "room_id").headers["retry-after"]) <= HOUR

    # and of two that are open, the schedule
    schedule(service, BOB, Participant(user_id="alice"), revision=2)
    enroll(service, ALICE, revision=4)
    assert api(entry()).json["stream_ids"] is None


def test_the_token_ends_with_the_grant(service: TokenService, api: Api) -> None:
    when = window(ends_in=600)
    schedule(service, ALICE, when=when)

    # not said: as long as the grant, but for the second that has begun
    assert api(entry()).json["expires_at"] in (when.ends_at - 1, when.ends_at)
    # said: as long as was said, or refused
    short = api(entry(effective_time_in_seconds=60)).json
    assert short["expires_at"] - short["issued_at"] == 60
    long = api(entry(effective_time_in_seconds=700))
    refused(long, 403, "grant-window", "effective_time_in_seconds")
    assert str(when.ends_at) in long.json["detail"]


def test_the_deployments_own_limit_counts_too(service: TokenService, api: Api) -> None:
    schedule(service, ALICE, when=window(ends_in=10 * 86_400))

    assert api(entry()).json["expires_at"] - api(entry()).json["issued_at"] == SETTINGS.default_ttl_seconds
    refused(
        api(entry(effective_time_in_seconds=SETTINGS.max_ttl_seconds + 1)),
        403,
        "longest-validity",
        "effective_time_in_seconds",
    )


def test_a_revoked_user_has_no_use_of_a_grant(service: TokenService, api: Api) -> None:
    schedule(service, ALICE)
    until = int(time.time()) + HOUR
    api(request("POST", "/v1/revocations", body={"user_id": "alice", "until": until}))

    refused(api(entry()), 403, "revoked", "user_id")


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"user_id": None}, 400, "user_id"),
        ({"user_id": "a" * 64}, 400, "user_id"),
        ({"app_id": 5}, 403, "room_id"),
        ({"app_id": True}, 400, "app_id"),
        ({"privilege": {"login": True, "publish": True}}, 400, "privilege"),
        ({"payload": ""}, 400, "payload"),
        ({"product": "zim"}, 400, "product"),
        ({"stream_ids": ["s9"]}, 400, "stream_ids"),
        ({"version": "03"}, 400, "stream_ids"),
        ({"version": "05"}, 400, "version"),
        ({"effective_time_in_seconds": 0}, 400, "effective_time_in_seconds"),
    ],
)
def test_a_request_cannot_ask_for_more(
    service: TokenService, api: Api, fields: dict[str, Any], status: int, field: str
) -> None:
    schedule(service, ALICE)

    answer = api(entry(**fields))

    assert (answer.status, answer.json.get("field")) == (status, field)


def test_a_user_of_another_app_finds_none(service: TokenService, api: Api) -> None:
    schedule(service, ALICE)

    refused(api(as_user(entry(app_id=5), {"sub": "alice"})), 404, field="app_id")


def test_a_token03_has_the_privileges_of_the_grant(service: TokenService, api: Api) -> None:
    schedule(service, Participant(user_id="alice", publish=True))

    answer = api(entry(version="03"))

    assert open_token(answer.json["token"], SECRET).content["privilege"] == {"1": 1, "2": 1}


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize(
    "room_id", ["a/b", "/", "ü €", "100%41", "a?b#c", "..", "教室", '"', "😀", "{room_id}", "v1/v1/"]
)
def test_a_room_may_have_any_name(service: TokenService, api: Api, trigger: str, room_id: str) -> None:
    schedule(service, ALICE, room_id=room_id)

    assert api(entry(trigger, room_id)).json["room_id"] == room_id


@pytest.mark.parametrize("room_id", ["%FF", "%00", "a" * 128, "%E2%80%AE", "%ED%A0%80", "\ud800"])
def test_a_bad_name_is_refused(api: Api, room_id: str) -> None:
    event = entry("function_url") | {"rawPath": f"/v1/rooms/{room_id}/tokens"}

    refused(api(event), 400, field="room_id")


class Unreachable:
    """DynamoDB that answers nobody, but for who is revoked."""

    def __init__(self) -> None:
        self._client = dynamodb_client()

    def __getattr__(self, name: str) -> Any:
        if name in ("get_item", "query", "update_item"):
            raise EndpointConnectionError(endpoint_url="https://dynamodb.invalid")
        return getattr(self._client, name)


@pytest.mark.usefixtures("service")
def test_without_the_table_it_is_to_be_tried_again(written: Written) -> None:
    api = Api(create_handler(token_service(SETTINGS, secrets_manager_client(), Unreachable())))  # type: ignore[arg-type]

    for event in (
        entry(),
        request("GET", "/v1/rooms/{room_id}/grants", room_id="demo"),
        request("GET", "/v1/provisioned/{request_id}/{user_id}", request_id="r", user_id="alice"),
    ):
        answer = refused(api(event), 503)
        assert answer.headers["retry-after"] == "5"
    assert '"GrantsUnavailable":[1.0]' in written()


def test_every_entry_is_in_the_audit_log(service: TokenService, api: Api, written: Written) -> None:
    schedule(service, ALICE)

    token = api(entry()).json["token"]
    api(entry(room_id="other"))

    lines = [json.loads(line) for line in written().splitlines()]
    records = [line for line in lines if line.get("message") == "token decision"]
    assert [(record["outcome"], record["room_id"], record.get("rule")) for record in records] == [
        ("issued", "demo", None),
        ("refused", "other", "no-grant"),
    ]
    assert records[0]["publish"] is True
    assert token not in json.dumps(lines)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_service_sees_who_may_join(service: TokenService, api: Api, trigger: str) -> None:
    when = window()
    schedule(service, ALICE, BOB, when=when, revision=7)
    enroll(service, Participant(user_id="carol"), when, revision=3)

    answer = api(request("GET", "/v1/rooms/{room_id}/grants", trigger, room_id="demo"))

    times = {"starts_at": when.starts_at, "ends_at": when.ends_at}
    room = {"app_id": APP_ID, "room_id": "demo", "state": "scheduled", "revision": 7, **times}
    alice = {"user_id": "alice", "login": True, "publish": True, "stream_ids": ["s1", "s2"]}
    bob, carol = (
        {"user_id": name, "login": True, "publish": False, "stream_ids": None} for name in ("bob", "carol")
    )
    assert (answer.status, answer.json) == (
        200,
        {
            "room": room,
            "grants": [
                {**carol, **times, "revision": 3, "source": "roster"},
                {**bob, **times, "revision": 7, "source": "schedule"},
                {**alice, **times, "revision": 7, "source": "schedule"},
            ],
            "next": None,
        },
    )


def test_it_sees_them_page_by_page(service: TokenService, api: Api) -> None:
    schedule(service, *(Participant(user_id=f"user-{number}") for number in range(7)))
    for revision in (1, 2):
        for number in range(5, 9):
            enroll(service, Participant(user_id=f"user-{number}"), revision=revision)

    seen, after, pages = [], None, 0
    while after is not None or not pages:
        query: dict[str, Any] = {"limit": 2} | ({} if after is None else {"after": after})
        page = api(request("GET", "/v1/rooms/{room_id}/grants", query=query, room_id="demo")).json
        assert len(page["grants"]) <= 2
        seen += [(grant["source"], grant["user_id"], grant["revision"]) for grant in page["grants"]]
        after, pages = page["next"], pages + 1

    assert sorted(seen) == sorted(
        [("roster", f"user-{number}", 2) for number in range(5, 9)]
        + [("schedule", f"user-{number}", 1) for number in range(7)]
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_every_page_size_shows_all(service: TokenService, api: Api, limit: int) -> None:
    schedule(service, ALICE, BOB)
    enroll(service, ALICE)

    seen, query = [], {"limit": limit}
    while True:
        page = api(request("GET", "/v1/rooms/{room_id}/grants", query={**query}, room_id="demo")).json
        seen += [(grant["source"], grant["user_id"]) for grant in page["grants"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]

    assert seen == [("roster", "alice"), ("schedule", "bob"), ("schedule", "alice")]


def test_a_page_of_a_room_that_has_changed_is_refused(service: TokenService, api: Api) -> None:
    schedule(service, ALICE, BOB)
    route = "/v1/rooms/{room_id}/grants"
    after = api(request("GET", route, query={"limit": 1}, room_id="demo")).json["next"]

    schedule(service, ALICE, revision=2)

    answer = refused(
        api(request("GET", route, query={"limit": 1, "after": after}, room_id="demo")), 400, field="after"
    )
    assert "has changed" in answer.json["detail"]


def test_a_rosters_row_that_has_ended_never_brings_an_older_one_back(service: TokenService, api: Api) -> None:
    # given a roster that lets alice in, and a later one that has ended for her
    enroll(service, ALICE, revision=1_000)
    enroll(service, ALICE, window(-2 * HOUR, -HOUR), revision=2_000)
    refused(api(entry()), 403, "too-late", "room_id")

    # when DynamoDB has removed whatever expires first, one row after the other
    dynamodb = dynamodb_client()
    rows = dynamodb.scan(TableName=SETTINGS.table)["Items"]
    for row in sorted(rows, key=lambda row: int(row["expires_at"]["N"])):
        dynamodb.delete_item(TableName=SETTINGS.table, Key={"pk": row["pk"], "sk": row["sk"]})

        # then she is still not let in
        assert api(entry()).status == 403


def test_rooms_that_are_cancelled_or_unknown_have_a_state(service: TokenService, api: Api) -> None:
    service.grants.cancel(CancelledRoom(RoomKey(APP_ID, "off"), 4))

    states = [
        api(request("GET", "/v1/rooms/{room_id}/grants", room_id=room_id)).json["room"]
        for room_id in ("off", "none")
    ]

    assert [(room["state"], room["revision"], room["starts_at"]) for room in states] == [
        ("cancelled", 4, None),
        ("unscheduled", None, None),
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [({"limit": 0}, "limit"), ({"limit": 1001}, "limit"), ({"limit": "x"}, "limit"), ({"after": "x"}, "after"),
     ({"after": "WyJ4IiwgIiNST09NIl0="}, "after"), ({"after": "R1JBTlQj"}, "after"), ({"after": "%"}, "after"), ({"app_id": 0}, "app_id"), ({"x": 1}, "x")],
)  # fmt: skip
def test_a_bad_query_is_named(api: Api, query: dict[str, object], field: str) -> None:
    refused(api(request("GET", "/v1/rooms/{room_id}/grants", query=query, room_id="demo")), 400, field=field)


def test_users_do_not_see_who_else_may_join(service: TokenService, api: Api) -> None:
    schedule(service, ALICE)
    event = request("GET", "/v1/rooms/{room_id}/grants", room_id="demo")

    refused(api(as_user(event, {"sub": "alice", "scope": "zego:publish zego:revoke"})), 403, "service-only")
    refused(api(without_caller(event)), 401)


def mint_ahead(service: TokenService, seconds: int = HOUR) -> str:
    """Alice's token, minted for the request `r-1`."""
    create_stack()
    asked = TokenRequest(user_id="alice", room_id="demo", effective_time_in_seconds=seconds)
    token = service.issuer.issue(SERVICE, asked)
    service.tokens.store(TokensRequest("r-1", APP_ID, "demo", seconds, (BOB,)), lambda: [token])
    return token.token


def fetch(trigger: str = "http_api", user_id: str = "alice", request_id: str = "r-1") -> dict[str, Any]:
    route = "/v1/provisioned/{request_id}/{user_id}"
    return request("GET", route, trigger, request_id=request_id, user_id=user_id)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_token_that_was_minted_ahead_is_handed_out(
    service: TokenService, api: Api, trigger: str, written: Written
) -> None:
    token = mint_ahead(service)

    answer = api(fetch(trigger))

    assert (answer.status, answer.json["token"]) == (200, token)
    assert answer.json["privilege"] == {"login": True, "publish": False}
    assert answer.headers["cache-control"] == "no-store"
    log = written()
    assert '"message":"token handed out"' in log
    assert token not in log


@pytest.mark.parametrize("trigger", ["http_api", "rest_api"])
def test_it_is_for_its_user_alone(service: TokenService, api: Api, trigger: str) -> None:
    token = mint_ahead(service)

    assert api(as_user(fetch(trigger), {"sub": "alice"})).json["token"] == token
    refused(api(as_user(fetch(trigger), {"sub": "eve"})), 403, "own-user", "user_id")
    refused(api(without_caller(fetch(trigger))), 401)


def test_it_is_gone_when_it_has_expired_or_never_was(service: TokenService, api: Api) -> None:
    mint_ahead(service, seconds=1)
    time.sleep(1.1)

    refused(api(fetch()), 404, field="request_id")
    refused(api(fetch(user_id="bob")), 404, field="request_id")
    refused(api(fetch(request_id="r-2")), 404, field="request_id")


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_ids_that_nothing_was_provisioned_for_are_refused(api: Api, trigger: str) -> None:
    refused(api(fetch(trigger, request_id="r" * 129)), 400, field="request_id")
    refused(api(fetch(trigger, request_id="r 1")), 400, field="request_id")
    refused(api(fetch(trigger, user_id="u" * 64)), 400, field="user_id")


def test_a_revoked_user_does_not_get_it(service: TokenService, api: Api) -> None:
    mint_ahead(service)
    until = int(time.time()) + HOUR
    api(request("POST", "/v1/revocations", body={"room_id": "demo", "user_id": "alice", "until": until}))

    refused(api(fetch()), 403, "revoked", "user_id")


class NoKms:
    """KMS that answers nobody."""

    def decrypt(self, **_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://kms.invalid")


def test_without_the_key_it_is_to_be_tried_again(service: TokenService) -> None:
    mint_ahead(service)
    clients = secrets_manager_client(), dynamodb_client()
    api = Api(create_handler(token_service(SETTINGS, *clients, make_kms=NoKms)))  # type: ignore[arg-type]

    assert refused(api(fetch()), 503).headers["retry-after"] == "5"


def test_a_request_that_has_gone_meanwhile_is_begun_again(service: TokenService) -> None:
    create_stack()
    asked = TokenRequest(user_id="alice", room_id="demo", effective_time_in_seconds=HOUR)
    token = service.issuer.issue(SERVICE, asked)
    ahead = TokensRequest("r-1", APP_ID, "demo", HOUR, (BOB,))
    key = {"pk": {"S": "PROVISIONED#r-1"}, "sk": {"S": "REQUEST"}}
    dynamodb = dynamodb_client()

    def mint_while_it_goes() -> list[IssuedToken]:
        dynamodb.delete_item(TableName=SETTINGS.table, Key=key)
        return [token]

    # when the request's row expires before its tokens are all there
    with pytest.raises(GrantsUnavailableError):
        service.tokens.store(ahead, mint_while_it_goes)

    # then nothing of it is left that a second try does not mend
    assert service.tokens.get("r-1", "alice") is None
    assert service.tokens.store(ahead, lambda: [token]).count == 1
    assert service.tokens.get("r-1", "alice") == token
    row = dynamodb.get_item(TableName=SETTINGS.table, Key=key)["Item"]
    assert int(row["expires_at"]["N"]) > token.expires_at + 14 * 86_400
