"""The calls to AWS over a line whose answers a test chooses."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import boto3
import pytest
from werkzeug.wrappers import Request, Response

from tests.api import Api
from tests.factories import OPEN_SETTINGS, FakeContext, token_event
from tests.lambda_environment import as_in_lambda
from tests.loopback import served
from token_api.handler import create_handler
from zego_service.clients import Clients, patience_for
from zego_service.deployment import Deployment
from zego_service.errors import OutageError

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
Operation = Callable[[Clients], object]
OPERATIONS: dict[str, Operation] = {
    "GetSecretValue": lambda clients: clients.get_secret_value("s"),
    "GenerateDataKey": lambda clients: clients.generate_data_key("k", {}),
    "Decrypt": lambda clients: clients.decrypt(b"x", {}),
    "GetItem": lambda clients: clients.get_item("t", KEY),
    "Query": lambda clients: clients.query("t", KeyConditionExpression="pk = :pk"),
    "UpdateItem": lambda clients: clients.update_item("t", KEY, UpdateExpression="SET a = :a"),
    "PutItem": lambda clients: clients.put_item("t", KEY),
    "DeleteItem": lambda clients: clients.delete_item("t", KEY),
    "BatchWriteItem": lambda clients: clients.write_items("t", [{"PutRequest": {"Item": KEY}}]),
    "PutEvents": lambda clients: clients.put_event({"Source": "s"}),
}
GARBLED = {
    "a page": b"<html>proxy</html>",
    "nothing": b"",
    "cut short": b'{"Items": [',
    "a list": b"[]",
    "no UTF-8": b"\xff\xfe{}",
    "too deep": b'{"Items":' * 50_000,
}


class Line:
    """An AWS that gives every question the same answer."""

    def __init__(self) -> None:
        self.answer = Response(b"{}")
        self.questions = 0
        self.when_asked: Callable[[], None] = lambda: None

    def respond(self, _request: Request) -> Response:
        self.questions += 1
        self.when_asked()
        return self.answer


@pytest.fixture(params=["boto3", "small"])
def line(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """The line, asked by boto3, and by the small client as far as it knows the operation."""
    line = Line()
    with served(Request.application(line.respond)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        if request.param == "small":
            as_in_lambda(monkeypatch, url)
        boto3.setup_default_session()
        yield line


def cause_of(operation: Operation, clients: Clients) -> str:
    with pytest.raises(OutageError) as outage:
        operation(clients)
    return outage.value.cause


@pytest.mark.parametrize(
    ("name", "what"),
    [
        *((name, "a page") for name in OPERATIONS),
        *(("GetItem", what) for what in GARBLED if what != "a page"),
    ],
)
def test_an_answer_that_cannot_be_read_is_an_outage(line: Line, name: str, what: str) -> None:
    line.answer = Response(GARBLED[what], content_type="application/x-amz-json-1.0")

    assert cause_of(OPERATIONS[name], Clients()) == "ResponseParserError"


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("GenerateDataKey", b"{}"),
        ("Decrypt", b"{}"),
        ("Query", b"{}"),
        ("Query", b'{"Items": 5}'),
        ("GetItem", b'{"Item": []}'),
        ("PutEvents", b"{}"),
    ],
)
def test_an_answer_in_another_form_is_an_outage(line: Line, operation: str, body: bytes) -> None:
    line.answer = Response(body)

    cause_of(OPERATIONS[operation], Clients())


def test_a_garbled_list_of_objects_is_an_outage(line: Line) -> None:
    line.answer = Response(b"<ListBucketResult><Contents>", content_type="application/xml")

    cause_of(lambda clients: list(clients.object_keys("b", "p")), Clients())


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b"\xff"])
@pytest.mark.parametrize("operation", ["GetSecretValue", "GetItem"])
def test_an_error_that_cannot_be_read_is_known_by_its_status(line: Line, operation: str, body: bytes) -> None:
    line.answer = Response(body, HTTPStatus.SERVICE_UNAVAILABLE)

    assert cause_of(OPERATIONS[operation], Clients()) == "503"
    assert line.questions == 2  # and it is retried


def test_a_garbled_table_is_no_table_without_grants(line: Line) -> None:
    # given: a proxy between the function and AWS, which answers 200 with a page
    line.answer = Response(b"<html>")
    api = Api(create_handler(Deployment.over(OPEN_SETTINGS, Clients())))

    # when
    answer = api(token_event())

    # then
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_after_the_deadline_nothing_is_sent(line: Line, operation: Operation) -> None:
    clients = Clients()
    clients.end_within(0.9)

    assert cause_of(operation, clients) == "DeadlineExceeded"
    assert line.questions == 0


def test_a_retry_is_not_sent_where_it_could_outlast_the_deadline(line: Line) -> None:
    clients = Clients()
    line.answer = Response(b"{}", HTTPStatus.SERVICE_UNAVAILABLE)
    line.when_asked = lambda: clients.end_within(1)
    clients.end_within(60)

    assert cause_of(OPERATIONS["GetSecretValue"], clients) == "DeadlineExceeded"
    assert line.questions == 1


def test_boto3_does_not_wait_for_a_retry_that_would_come_too_late(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: time for an attempt, but not for a pause of up to a second and another attempt
    waited: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waited.append)
    line.answer = Response(b"{}", HTTPStatus.SERVICE_UNAVAILABLE)
    clients = Clients()
    clients.prepare("kms")
    clients.end_within(4.4)

    assert cause_of(lambda clients: clients.decrypt(b"x", {}), clients) == "DeadlineExceeded"
    assert (line.questions, waited) == (1, [])


def test_what_is_not_tried_again_is_known_by_its_own_error(line: Line) -> None:
    line.answer = Response(b'{"__type": "AccessDeniedException"}', HTTPStatus.BAD_REQUEST)
    clients = Clients()
    clients.prepare("kms")
    clients.end_within(4.4)

    assert cause_of(lambda clients: clients.decrypt(b"x", {}), clients) == "AccessDeniedException"


def test_a_deadline_is_that_of_its_request_alone(line: Line) -> None:
    clients = Clients()
    clients.end_within(0)
    cause_of(OPERATIONS["GetItem"], clients)

    clients.end_within(10)

    assert OPERATIONS["GetItem"](clients) is None
    assert line.questions == 1


class Hurried(FakeContext):
    """A request of which Lambda is about to be tired."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 800


def test_a_request_is_answered_before_its_time_is_up(line: Line) -> None:
    handler = create_handler(Deployment.over(OPEN_SETTINGS, Clients()))

    answer = handler(token_event(), Hurried())

    assert answer["statusCode"] == HTTPStatus.SERVICE_UNAVAILABLE
    assert line.questions == 0


def test_clients_are_made_when_they_are_needed_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make: Any = boto3.client

    def note(service: str, **options: Any) -> Any:
        made.append(service)
        return make(service, **options)

    monkeypatch.setattr(boto3, "client", note)
    clients = Clients()
    assert made == []

    clients.prepare("kms", "dynamodb")
    clients.prepare("dynamodb")

    assert made == ["kms", "dynamodb"]


@pytest.mark.parametrize("service", ["secretsmanager", "kms", "dynamodb"])
def test_what_a_caller_waits_for_is_given_up_inside_the_functions_time(service: Any) -> None:
    patience = patience_for(service, bulk=False)

    assert patience.attempts * patience.attempt_seconds < 9
