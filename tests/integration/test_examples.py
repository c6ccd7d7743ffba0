"""The examples of the OpenAPI document: what it shows is what the service answers."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
import pytest

from local.aws import DEMO_SECRET
from openapi.document import document
from openapi.exchanges import EXCHANGES, Exchange
from openapi.refusals import REFUSALS
from provisioner.handler import create_handler as create_provisioner
from tests.api import Answer, Api
from tests.deployment import Deployment
from tests.factories import APP_ID, FakeContext, as_user, sample_event, without_caller
from tests.independent import open_token
from token_api.handler import create_handler
from token_api.problems import problem_of
from zego_service.clock import Instant
from zego_service.errors import QuotaExceededError, SecretMissingError, TooManyRevocationsError

DOCUMENT = document()
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
NOW = EXCHANGES[0].answer["issued_at"]
# The document's example of itself is shortened.
COMPARED = [exchange for exchange in EXCHANGES if exchange.operation != "openapi"]


@pytest.fixture(scope="module")
def api(account: Deployment) -> Api:
    """The API at the time of the examples, after the sample events."""
    secret = f"zego/{APP_ID}"
    account.clients.secretsmanager.put_secret_value(SecretId=secret, SecretString=DEMO_SECRET)
    service = account.clients.service(account.settings, lambda: Instant(NOW, 0))
    provision = create_provisioner(service)
    for name in ("room_scheduled", "tokens_requested"):
        assert provision(sample_event(name), FakeContext())["outcome"] == "applied"
    return Api(create_handler(service))


def request(
    method: str, path: str, body: object = None, query: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """A backend's request at an HTTP API."""
    event = sample_event("http_api_token04_room")
    context = event["requestContext"]
    http = {**context["http"], "method": method, "path": path}
    return {
        **event,
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "routeKey": f"{method} {path}",
        "body": None if body is None else json.dumps(body),
        "requestContext": {**context, "http": http, "routeKey": f"{method} {path}"},
    }


def sent(exchange: Exchange) -> dict[str, Any]:
    """The request of an exchange."""
    method, path, operation = OPERATIONS[exchange.operation]
    of_query = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    query = {name: value for name, value in exchange.parameters.items() if name in of_query}
    return request(method, path.format(**exchange.parameters), exchange.request, query)


def comparable(value: Any) -> Any:
    """An answer with its tokens opened, their nonces apart. Grants have no order that a reader could rely on."""
    if isinstance(value, dict):
        shown = {name: comparable(each) for name, each in value.items()}
        if isinstance(value.get("grants"), list):
            shown["grants"] = sorted(shown["grants"], key=repr)
        return shown
    if isinstance(value, list):
        return [comparable(each) for each in value]
    if isinstance(value, str) and value.startswith(("03AAAA", "04AAAA")):
        token, mark, kit = value.partition("#")
        return {**open_token(token, DEMO_SECRET).content, "nonce": 0}, mark, kit
    return value


def test_the_service_answers_as_the_examples_say(api: Api) -> None:
    for exchange in COMPARED:
        answer = api(sent(exchange))

        assert answer.status < 300, (exchange.name, answer.json)
        assert comparable(answer.json) == comparable(exchange.answer), exchange.name


def test_every_operation_has_an_example() -> None:
    """Of its body, its parameters that are required, and its answer."""
    for name, (_, _, operation) in OPERATIONS.items():
        mine = [exchange for exchange in EXCHANGES if exchange.operation == name]
        assert mine, f"{name} needs an exchange in openapi/exchanges.py"
        assert len({exchange.name for exchange in mine}) == len(mine)
        required = {each["name"] for each in operation.get("parameters", ()) if each.get("required")}
        assert required <= mine[0].parameters.keys(), name
        assert ("requestBody" in operation) == (mine[0].request is not None), name
    assert {exchange.operation for exchange in EXCHANGES} <= OPERATIONS.keys()


def examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Where an example is, its schema and its value."""
    for name, (_, _, operation) in OPERATIONS.items():
        for parameter in operation.get("parameters", ()):
            if "example" in parameter:
                yield f"{name}.{parameter['name']}", parameter["schema"], parameter["example"]
        contents = {"request": operation.get("requestBody", {}).get("content", {})}
        contents |= {status: answer["content"] for status, answer in operation["responses"].items()}
        for place, content in contents.items():
            for media_type in content.values():
                for example in media_type.get("examples", {}).values():
                    value = resolved(example)["value"]
                    yield f"{name}.{place}", media_type["schema"], value


def resolved(example: dict[str, Any]) -> dict[str, Any]:
    reference = example.get("$ref", "").removeprefix("#/components/examples/")
    found: dict[str, Any] = DOCUMENT["components"]["examples"][reference] if reference else example
    return found


def test_examples_have_the_form_that_the_document_gives() -> None:
    for place, schema, value in examples():
        whole = {**schema, "components": DOCUMENT["components"]}
        validator = jsonschema_rs.Draft202012Validator(whole)

        assert [error.message for error in validator.iter_errors(value)] == [], place


def refused(reason: Exception) -> Callable[[Api], Answer]:
    """What the service answers for an error that a test would need long to bring about."""
    response = problem_of(reason).response("-")
    return lambda _api: Answer(
        {"statusCode": response.status_code, "body": response.body, "headers": response.headers}
    )


def asked(event: dict[str, Any]) -> Callable[[Api], Answer]:
    return lambda api: api(event)


TOKEN = request("POST", "/v1/tokens", {"user_id": "alice", "room_id": "demo"})
ROUTES_TO_REFUSALS: dict[int, Callable[[Api], Answer]] = {
    400: asked(request("POST", "/v1/tokens", {"user_id": "bob", "app_id": "1"})),
    401: asked(without_caller(TOKEN)),
    403: asked(as_user(TOKEN, {"sub": "bob"})),
    404: asked(request("POST", "/v1/tokens", {"user_id": "alice", "app_id": 7})),
    409: refused(TooManyRevocationsError(1000)),
    413: asked(request("POST", "/v1/tokens", {"user_id": "a" * 70_000})),
    414: asked(request("GET", "/v1/" + "a" * 11_000)),
    415: asked({**TOKEN, "headers": {**TOKEN["headers"], "content-type": "text/plain"}}),
    429: refused(QuotaExceededError(60, 17)),
    431: asked({**TOKEN, "headers": {**TOKEN["headers"], "cookie": "a" * 70_000}}),
    500: refused(ValueError()),
    503: refused(SecretMissingError(30)),
}


def test_the_service_refuses_as_the_examples_say(api: Api) -> None:
    assert {refusal["status"] for refusal in REFUSALS} == ROUTES_TO_REFUSALS.keys()
    for refusal in REFUSALS:
        answer = ROUTES_TO_REFUSALS[refusal["status"]](api)

        # Python 3.13 calls 413 and 414 otherwise than older ones.
        varying = {"instance", "title"} if refusal["status"] in (413, 414) else {"instance"}
        assert answer.status == refusal["status"]
        assert {**answer.json, **dict.fromkeys(varying, "")} == {**refusal, **dict.fromkeys(varying, "")}


def test_every_error_has_an_example() -> None:
    statuses = {
        int(status)
        for _, _, operation in OPERATIONS.values()
        for status in operation["responses"]
        if not status.startswith("2")
    }

    assert statuses == {refusal["status"] for refusal in REFUSALS}


def test_the_first_server_is_a_deployment() -> None:
    server = DOCUMENT["servers"][0]
    defaults = {name: variable["default"] for name, variable in server["variables"].items()}

    assert server["url"].format(**defaults).startswith("https://")
