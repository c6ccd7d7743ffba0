"""What a function asks of AWS is what its role lets it ask: no less, or it would fail, and no more."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

import pytest
from botocore.client import BaseClient
from moto import mock_aws

from local.aws import ZegoApp, create_stack, create_table, store_secret
from tests.factories import APP_ID, SECRET, FakeContext, as_user, sample_event, token_event
from tests.infrastructure.cloudformation import as_list, statements, transformed

Handler = Callable[[Mapping[str, Any], FakeContext], Mapping[str, Any]]
Asked = set[tuple[str, str]]  # an action, and the beginning of what it is done to

TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
FOLDER = "${Bucket.Arn}/"
ACTIONS = {"s3:ListObjectsV2": "s3:ListBucket"}  # all others are called as the operation is
BY_LAMBDA = ("logs:", "sqs:", "xray:")  # what Lambda does with a function's role


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    """All that is asked of an embedded AWS from now on."""
    found: Asked = set()
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def recording(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        action = f"{client.meta.service_model.signing_name}:{operation}"
        found.update((ACTIONS.get(action, action), target) for target in targets(parameters))
        return call(client, operation, parameters)

    with mock_aws():
        create_table()
        create_stack()
        store_secret(ZegoApp(APP_ID, SECRET))
        monkeypatch.setattr(BaseClient, "_make_api_call", recording)
        yield found


def targets(parameters: dict[str, Any]) -> set[str]:
    """The partitions of the table or the folder of the bucket; of what has neither, nothing."""
    partitions = {f"{key.partition('#')[0]}#*" for key in partition_keys(parameters)}
    path = parameters.get("Key", parameters.get("Prefix"))
    return partitions or {f"{path.partition('/')[0]}/*" if isinstance(path, str) else ""}


def partition_keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (node[name]["S"] for name in ("pk", ":pk") if name in node)
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from partition_keys(inner)


def granted(role: str) -> Asked:
    """What a role allows, in the same form."""
    return {
        (action, target)
        for statement in statements(transformed(), role)
        for action in as_list(statement["Action"])
        if not action.startswith(BY_LAMBDA)
        for target in targets_of(statement, action)
    }


def targets_of(statement: dict[str, Any], action: str) -> list[str]:
    if action.startswith("dynamodb:"):
        assert statement["Resource"] == TABLE
        return as_list(statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
    if action == "s3:ListBucket":
        return as_list(statement["Condition"]["StringLike"]["s3:prefix"])
    if action.startswith("s3:"):
        return [resource["Fn::Sub"].removeprefix(FOLDER) for resource in as_list(statement["Resource"])]
    return [""]


def function(module: str, monkeypatch: pytest.MonkeyPatch) -> Handler:
    """The handler of a function that starts now."""
    monkeypatch.setenv("ZEGO_DEFAULT_APP_ID", str(APP_ID))
    monkeypatch.delitem(sys.modules, module, raising=False)
    handler: Handler = import_module(module).lambda_handler
    return handler


def test_the_provisioner_asks_for_what_its_role_allows(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    provisioner = function("provisioner.app", monkeypatch)
    events = ("room_scheduled", "room_updated", "room_cancelled", "room_scheduled_bad_input")
    again = ("tokens_requested", "tokens_requested")  # which opens the first one's data key

    for name in (*events, *again, "sqs_room_scheduled", "roster_begin", "roster_batch", "roster_end"):
        provisioner(sample_event(name), FakeContext())

    assert asked == granted("ProvisionerRole")


def request(
    method: str, route: str, body: object = None, query: str = "", **parameters: str
) -> dict[str, Any]:
    """A service's request, as an HTTP API passes it on."""
    event = token_event(body=json.dumps(body))
    path = route.format(**parameters)
    http = {**event["requestContext"]["http"], "method": method, "path": path}
    return event | {
        "routeKey": f"{method} {route}",
        "rawPath": path,
        "rawQueryString": query,
        "pathParameters": parameters,
        "requestContext": {**event["requestContext"], "http": http},
    }


def test_the_api_asks_for_what_its_role_allows(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    provisioner = function("provisioner.app", monkeypatch)
    for name in ("room_scheduled", "tokens_requested"):
        provisioner(sample_event(name), FakeContext())
    asked.clear()
    api = function("token_api.app", monkeypatch)
    revocation = {"user_id": "eve", "until": int(time.time()) + 60}
    login = {"room_id": "maths-7b", "privilege": {"login": True, "publish": False}}

    answers = [
        api(event, FakeContext())
        for event in (
            as_user(token_event(fields=login), {"sub": "alice"}),
            request("POST", "/v1/tokens/inspect", {"token": "04"}),
            request("POST", "/v1/revocations", revocation),
            request("GET", "/v1/revocations"),
            request("DELETE", "/v1/revocations", query="user_id=eve"),
            request("POST", "/v1/rooms/{room_id}/tokens", {"user_id": "alice"}, room_id="maths-7b"),
            request("GET", "/v1/rooms/{room_id}/grants", room_id="maths-7b"),
            request(
                "GET", "/v1/provisioned/{request_id}/{user_id}", request_id="kiosk-2026-11", user_id="kiosk-1"
            ),
        )
    ]

    assert [json.loads(answer["body"]) for answer in answers if answer["statusCode"] >= 300] == []
    assert asked == granted("TokenApiRole")
