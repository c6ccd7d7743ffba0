"""The small client on the wire: kept connections, checksums, retries, binary attributes, errors."""

import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.lambda_environment import as_in_lambda
from tests.lines import Line, answer, serving
from zego_service.clients import Clients, ConditionFailedError
from zego_service.errors import OutageError

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
Talk = Callable[[Any, Line], None]
FOUND = json.dumps({"Item": {**KEY, "n": {"N": "1"}}}).encode()


@pytest.fixture(autouse=True)
def _in_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    as_in_lambda(monkeypatch, "http://127.0.0.1:1")


@contextmanager
def asking(monkeypatch: pytest.MonkeyPatch, talk: Talk) -> Iterator[tuple[Clients, Line]]:
    with serving(talk) as line:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{line.port}")
        yield Clients(), line


def always(*answers: bytes) -> Talk:
    """Gives the answers in turn, the last one for ever, and keeps connections."""
    left = list(answers)

    def talk(connection: Any, line: Line) -> None:
        while line.read_request(connection):
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return talk


def cause(call: Callable[[], object]) -> str:
    with pytest.raises(OutageError) as outage:
        call()
    return outage.value.cause


def test_a_connection_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with asking(monkeypatch, always(answer(FOUND))) as (clients, line):
        for _ in range(5):
            assert clients.get_item("t", KEY) == {**KEY, "n": {"N": "1"}}

        assert (line.connections, len(line.requests)) == (1, 5)


@pytest.mark.parametrize("says_so", [True, False])
def test_a_connection_that_was_closed_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch, says_so: bool
) -> None:
    # given: a server that closes each connection after an answer, as AWS does with idle ones
    closed = threading.Semaphore(0)

    def talk(connection: socket.socket, line: Line) -> None:
        line.read_request(connection)
        connection.sendall(answer(b"{}", "200 OK", *(["Connection: close"] if says_so else [])))
        connection.shutdown(socket.SHUT_RDWR)
        closed.release()

    with asking(monkeypatch, talk) as (clients, line):
        for _ in range(3):
            clients.get_item("t", KEY)
            closed.acquire()

        # then: no request was sent into a closed connection, and so none was tried again
        assert (line.connections, len(line.requests)) == (3, 3)


def test_threads_have_connections_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    # given: a server that answers nobody until both have asked
    together = threading.Barrier(2)

    def talk(connection: Any, line: Line) -> None:
        while line.read_request(connection):
            together.wait(5)
            connection.sendall(answer())

    with asking(monkeypatch, talk) as (clients, line):
        threads = [threading.Thread(target=clients.get_item, args=("t", KEY)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (line.connections, len(line.requests)) == (2, 2)


def test_a_wrong_checksum_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def checked(checksum: int) -> bytes:
        return answer(FOUND, "200 OK", f"x-amz-crc32: {checksum}")

    right = zlib.crc32(FOUND)
    with asking(monkeypatch, always(checked(right ^ 1), checked(right))) as (clients, line):
        assert clients.get_item("t", KEY) is not None
        assert len(line.requests) == 2

    with asking(monkeypatch, always(checked(right + 1))) as (clients, line):
        assert cause(lambda: clients.get_item("t", KEY)) == "ChecksumError"


@pytest.mark.parametrize(
    ("status", "code", "tries"),
    [
        ("400 Bad Request", "ThrottlingException", 2),
        ("400 Bad Request", "ProvisionedThroughputExceededException", 2),
        ("400 Bad Request", "RequestLimitExceeded", 2),
        ("500 Error", "InternalServerError", 2),
        ("503 Error", "ServiceUnavailable", 2),
        ("400 Bad Request", "AccessDeniedException", 1),
        ("400 Bad Request", "ResourceNotFoundException", 1),
        ("400 Bad Request", "ValidationException", 1),
        ("501 Error", "NotImplemented", 1),
    ],
)
@pytest.mark.parametrize("prefix", ["", "com.amazonaws.dynamodb.v20120810#"])
def test_errors_have_the_code_and_the_tries_of_boto3(
    monkeypatch: pytest.MonkeyPatch, status: str, code: str, tries: int, prefix: str
) -> None:
    body = json.dumps({"__type": prefix + code, "message": "m"}).encode()
    with asking(monkeypatch, always(answer(body, status))) as (clients, line):
        assert cause(lambda: clients.get_item("t", KEY)) == code
        assert len(line.requests) == tries


def test_a_failed_condition_shows_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"pk": {"S": "a"}, "sealed": {"B": "AAH/"}}
    body = json.dumps({"__type": "x#ConditionalCheckFailedException", "Item": there}).encode()

    with (
        asking(monkeypatch, always(answer(body, "400 Bad Request"))) as (clients, line),
        pytest.raises(ConditionFailedError) as failed,
    ):
        clients.update_item("t", KEY, UpdateExpression="SET a = :a")

    assert failed.value.item == {"pk": {"S": "a"}, "sealed": {"B": b"\x00\x01\xff"}}
    assert len(line.requests) == 1


def test_binary_attributes_are_bytes_at_any_depth_and_names_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    item = {
        "B": {"S": "a name like a type"},
        "x": {"M": {"B": {"B": "AQI="}, "BS": {"BS": ["AQ==", "Ag=="]}, "s": {"S": "AQI="}}},
        "y": {"L": [{"B": ""}, {"N": "1"}]},
    }
    body = json.dumps({"Items": [item], "LastEvaluatedKey": {"pk": {"B": "AQI="}}}).encode()
    with asking(monkeypatch, always(answer(body))) as (clients, line):
        items, last = clients.query("t", ExpressionAttributeValues={":b": {"B": b"\xff\x00"}})

        assert items == [
            {
                "B": {"S": "a name like a type"},
                "x": {"M": {"B": {"B": b"\x01\x02"}, "BS": {"BS": [b"\x01", b"\x02"]}, "s": {"S": "AQI="}}},
                "y": {"L": [{"B": b""}, {"N": "1"}]},
            }
        ]
        assert last == {"pk": {"B": b"\x01\x02"}}
        assert b'{"B": "/wA="}' in line.requests[0]


def silent(connection: Any, line: Line) -> None:
    while line.read_request(connection):
        pass


def hang_up(connection: Any, line: Line) -> None:
    line.read_request(connection)


def half(connection: Any, line: Line) -> None:
    line.read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def no_http(connection: Any, line: Line) -> None:
    line.read_request(connection)
    connection.sendall(b"SSH-2.0-OpenSSH\r\n")


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        (silent, "ReadTimeoutError"),
        (hang_up, "ConnectionClosedError"),
        (half, "ConnectionClosedError"),
        (no_http, "ConnectionClosedError"),
    ],
)
def test_what_goes_wrong_on_the_line_is_tried_twice_and_named_as_boto3_does(
    monkeypatch: pytest.MonkeyPatch, talk: Talk, expected: str
) -> None:
    with asking(monkeypatch, talk) as (clients, line):
        assert cause(lambda: clients.get_item("t", KEY)) == expected
        assert (line.connections, len(line.requests)) == (2, 2)


def test_a_closed_port_is_no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(silent) as line:
        port = line.port
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")

    assert cause(lambda: Clients().get_item("t", KEY)) == "EndpointConnectionError"


def test_tries_are_apart_by_pauses_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    body = answer(b'{"__type": "ThrottlingException"}', "400 Bad Request")

    with asking(monkeypatch, always(body)) as (clients, _line):
        for _ in range(40):
            cause(lambda: clients.get_item("t", KEY))

    assert len(pauses) == 40
    assert all(0 <= pause <= 0.1 for pause in pauses)
    assert len(set(pauses)) > 20


def test_requests_are_what_dynamodb_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    with asking(monkeypatch, always(answer())) as (clients, line):
        clients.get_item("t", KEY)

        head, _, body = line.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(name_value.lower().split(": ", 1) for name_value in lines[1:])
    assert lines[0] == "POST / HTTP/1.1"
    assert json.loads(body) == {"TableName": "t", "Key": KEY, "ConsistentRead": True}
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert headers["x-amz-target"] == "dynamodb_20120810.getitem"
    assert headers["host"] == f"127.0.0.1:{line.port}"
    assert headers["x-amz-security-token"] == "testing"
    assert headers["authorization"].startswith("aws4-hmac-sha256 credential=testing/")
