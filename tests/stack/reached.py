"""APIs of the AWS in one process under the host names that they have in AWS."""

import json
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit
from urllib.request import Request

import pytest

from tests.stack.aws import Aws
from zego_cli import doctor, service
from zego_cli.service import Answer


def reach_apis(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give this process the administrator's keys, and let the command line find every host at ``aws``."""
    for name, value in aws.environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    server = urlsplit(aws.url)

    def fetch(request: Request) -> Answer:
        with closing(HTTPConnection(str(server.hostname), server.port, timeout=60)) as connection:
            headers = {"Host": request.host, **dict(request.header_items())}
            connection.request(request.get_method(), request.selector, request.data, headers)
            answer = connection.getresponse()
            content = json.loads(answer.read() or b"null")
            return Answer(answer.status, answer.headers, content)

    monkeypatch.setattr(service, "fetch", fetch)
    monkeypatch.setattr(doctor, "fetch", fetch)
