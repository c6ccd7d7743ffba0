"""A client for the calls that a first request needs: GetSecretValue, Query, GetItem and UpdateItem.

AWS's JSON protocol over HTTP/1.1, signed with Signature Version 4, with kept connections. boto3 can do all
of it, but takes most of a cold start; docs/decisions says what this buys, and what it must not become.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and
https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

import json
import os
import ssl
import time
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from hmac import digest
from http.client import HTTPConnection, HTTPException
from select import POLLIN, poll
from typing import Any, NamedTuple
from weakref import finalize

from zego_service.aws_environment import Endpoint, HotService, region_of
from zego_service.clock import Instant
from zego_service.punctual import PunctualSocket
from zego_service.tls import Trust

_TARGETS: dict[HotService, tuple[str, str]] = {  # the prefix of operations, and the version of the protocol
    "dynamodb": ("DynamoDB_20120810", "1.0"),
    "secretsmanager": ("secretsmanager", "1.1"),
}
_LONGEST_PAUSE_SECONDS = 0.1
RETRIED_STATUSES = {500, 502, 503, 504}
RETRIED_CODES = {
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "RequestTimeoutException",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}


class AwsError(Exception):
    """A call failed. ``code`` is AWS's error code, or boto3's name for what went wrong on the way.

    ``item`` is what a failed condition returns. ``is_transient`` says whether to try again.
    """

    def __init__(self, code: str, item: dict[str, Any] | None = None, *, is_transient: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.item = item or {}
        self.is_transient = is_transient


class Patience(NamedTuple):
    """How long a call may take: seconds for a connection, seconds for an answer, and attempts."""

    connect: float
    read: float
    attempts: int

    @property
    def attempt_seconds(self) -> float:
        """The longest that one attempt takes."""
        return self.connect + self.read


class Signer:
    """Signs a service's requests with the credentials of the environment."""

    def __init__(self, service: HotService, endpoint: Endpoint, environment: Mapping[str, str]) -> None:
        self._service = service
        self._host = endpoint.authority
        self._environment = environment
        self._key: tuple[tuple[str, ...], bytes] = ((), b"")

    def headers(self, operation: str, content: bytes, moment: str) -> dict[str, str]:
        """The headers of a request at a moment, such as ``20261125T101500Z``."""
        prefix, version = _TARGETS[self._service]
        headers = {  # in the order of their names
            "content-type": f"application/x-amz-json-{version}",
            "host": self._host,
            "x-amz-date": moment,
        }
        if token := self._environment.get("AWS_SESSION_TOKEN"):
            headers["x-amz-security-token"] = token
        headers["x-amz-target"] = f"{prefix}.{operation}"
        return headers | {"authorization": self._authorization(headers, content, moment)}

    def _authorization(self, headers: dict[str, str], content: bytes, moment: str) -> str:
        names = ";".join(headers)
        lines = "".join([f"{name}:{' '.join(value.split())}\n" for name, value in headers.items()])
        canonical = f"POST\n/\n\n{lines}\n{names}\n{sha256(content).hexdigest()}"
        scope = f"{moment[:8]}/{region_of(self._environment)}/{self._service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        signature = digest(self._signing_key(scope), text.encode(), "sha256").hex()
        credential = f"{self._environment['AWS_ACCESS_KEY_ID']}/{scope}"
        return f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"

    def _signing_key(self, scope: str) -> bytes:
        """The key of a day, kept until the day or the secret key changes."""
        secret = self._environment["AWS_SECRET_ACCESS_KEY"]
        if self._key[0] != (secret, scope):
            key = b"AWS4" + secret.encode()
            for part in scope.split("/"):
                key = digest(key, part.encode(), "sha256")
            self._key = ((secret, scope), key)
        return self._key[1]


class JsonClient:
    """One service, with connections that are kept. Any thread may call it."""

    def __init__(
        self,
        service: HotService,
        endpoint: Endpoint,
        trust: Trust,
        patience: Patience,
        check_deadline: Callable[[], None],
    ) -> None:
        self._endpoint = endpoint
        self._trust = trust
        self._patience = patience
        self._check_deadline = check_deadline
        self._signer = Signer(service, endpoint, os.environ)
        self._idle: list[HTTPConnection] = []
        finalize(self, _close, self._idle)

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to an operation, with binary attributes as bytes. Raises :class:`AwsError`.

        Before each attempt, ``check_deadline`` may raise what ends the call.
        """
        content = json.dumps(request, default=_base64).encode()
        left = self._patience.attempts
        while True:
            self._check_deadline()
            try:
                return self._attempt(operation, content)
            except AwsError as error:
                left -= 1
                if not left or not error.is_transient:
                    raise
            time.sleep(_LONGEST_PAUSE_SECONDS * os.urandom(1)[0] / 255)

    def _attempt(self, operation: str, content: bytes) -> dict[str, Any]:
        status, body, checksum = self._exchange(self._connection(), operation, content)
        if checksum is not None and checksum != str(zlib.crc32(body)):
            raise AwsError("ChecksumError", is_transient=True)
        answer = _parsed(body)
        if status < 300:
            if answer is None:
                raise AwsError("ResponseParserError")
            return answer
        answer = answer or {}
        code = str(answer.get("__type") or status).rpartition("#")[2]
        is_transient = status in RETRIED_STATUSES or code in RETRIED_CODES
        raise AwsError(code, answer.get("Item"), is_transient=is_transient)

    def _exchange(
        self, connection: HTTPConnection, operation: str, content: bytes
    ) -> tuple[int, bytes, str | None]:
        """Status, body and checksum of an answer. The connection is kept unless it failed or is to close."""
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(Instant.now().wall))
        punctual: Any = connection.sock
        try:
            punctual.end_within(self._patience.read)
            connection.request("POST", "/", content, self._signer.headers(operation, content, moment))
            response = connection.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            connection.close()
            code = "ReadTimeoutError" if isinstance(error, TimeoutError) else "ConnectionClosedError"
            raise AwsError(code, is_transient=True) from None
        if response.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        return response.status, body, response.getheader("x-amz-crc32")

    def _connection(self) -> HTTPConnection:
        """A kept connection that the other side has not closed, or a new one."""
        while self._idle:
            with suppress(IndexError):  # another thread may have been faster
                kept = self._idle.pop()
                if _is_open(kept):
                    return kept
                kept.close()
        try:
            connection = self._connected()
        except ssl.SSLError:
            raise AwsError("SSLError", is_transient=True) from None
        except TimeoutError:
            raise AwsError("ConnectTimeoutError", is_transient=True) from None
        except OSError:
            raise AwsError("EndpointConnectionError", is_transient=True) from None
        connection.sock = PunctualSocket(connection.sock, self._patience.read)
        return connection

    def _connected(self) -> HTTPConnection:
        _, host, port = self._endpoint
        if self._endpoint.scheme == "https":
            return self._trust.connect(host, port, self._patience.connect)
        connection = HTTPConnection(host, port, timeout=self._patience.connect)
        connection.connect()
        return connection


def _close(connections: list[HTTPConnection]) -> None:
    for connection in connections:
        connection.close()


def _is_open(connection: HTTPConnection) -> bool:
    """Whether nothing has come since the last answer: what comes is the end of the connection."""
    waiting = poll()
    waiting.register(connection.sock, POLLIN)
    return not waiting.poll(0)


def _parsed(body: bytes) -> dict[str, Any] | None:
    """The JSON object of an answer; None where it is none."""
    has_binary = b'"B"' in body or b'"BS"' in body
    try:
        answer = json.loads(body, object_hook=_with_bytes if has_binary else None)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    """An attribute that is binary, as bytes; anything else as it is."""
    if len(value) == 1:
        if isinstance(text := value.get("B"), str):
            return {"B": b64decode(text)}
        if isinstance(texts := value.get("BS"), list):
            return {"BS": [b64decode(text) for text in texts]}
    return value


def _base64(value: Any) -> str:
    return b64encode(value).decode()
