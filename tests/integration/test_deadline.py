"""A request is answered before Lambda ends it, though every call to AWS times out once."""

import hashlib
import io
import json
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Request, Response

from local.aws import create_stack, create_table
from tests.factories import APP_ID, SECRET, FakeContext
from tests.loopback import served
from tests.room_requests import BOB, request, schedule
from token_api.handler import create_handler
from zego_service.clients import Clients
from zego_service.deployment import Deployment
from zego_service.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FUNCTION_SECONDS = 10
HUNG_SECONDS = 2.5  # longer than any call of a request waits for its answer


class Hanging:
    """An AWS that lets the first of equal requests hang, once it is told to."""

    def __init__(self) -> None:
        self._aws: WSGIApplication = DomainDispatcherApplication(create_backend_app)
        self._seen: set[str] = set()
        self.is_hanging = False

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        body = Request(environ).get_data()
        environ["wsgi.input"] = io.BytesIO(body)
        name = environ.get("HTTP_X_AMZ_TARGET", "") + hashlib.sha256(body).hexdigest()
        if self.is_hanging and name not in self._seen:
            self._seen.add(name)
            time.sleep(HUNG_SECONDS)
            return Response(b"", 500)(environ, start)
        return self._aws(environ, start)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    aws = Hanging()
    with served(aws) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield aws


class TenSeconds(FakeContext):
    def __init__(self) -> None:
        super().__init__()
        self._ends_at = time.monotonic() + FUNCTION_SECONDS

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]
        return int((self._ends_at - time.monotonic()) * 1000)


@pytest.mark.exploration
def test_a_room_token_is_answered_in_time_though_each_call_times_out_once(aws: Hanging) -> None:
    # given: a room, and a user's request for its token in a process that has asked AWS nothing yet
    create_table()
    create_stack()
    boto3.client("secretsmanager").create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
    deployment = Deployment.over(Settings(default_app_id=APP_ID), Clients())
    schedule(deployment, BOB)
    event = request("POST", "/v1/rooms/{room_id}/tokens", "http_api", {"user_id": "bob"}, room_id="demo")
    handler = create_handler(Deployment.over(Settings(default_app_id=APP_ID), Clients()))
    aws.is_hanging = True
    context, started = TenSeconds(), time.monotonic()

    # when
    answer = handler(event, context)

    # then
    assert time.monotonic() - started < FUNCTION_SECONDS
    assert answer["statusCode"] in (200, 503)
    if answer["statusCode"] == 503:
        assert "Retry-After" in answer["headers"]
        assert json.loads(answer["body"])["status"] == 503
