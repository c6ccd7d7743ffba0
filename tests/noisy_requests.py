"""Requests with a switch set that makes loggers noisy: run as a program, by the tests of logs.

It takes the switch's name and a file, into which it writes what must not be in its output.
"""

import json
import logging
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws

from local.aws import create_stack, create_table
from provisioner.handler import create_handler as create_provisioner
from tests.factories import APP_ID, SECRET, FakeContext, token_event
from tests.provisioning_events import event_of, tokens_detail
from tests.room_requests import request
from token_api.handler import create_handler
from zego_service.clients import Clients
from zego_service.deployment import Deployment
from zego_service.settings import Settings


def root_level() -> None:
    """Set the root logger's level, as Lambda does for its ApplicationLogLevel."""
    logging.getLogger().setLevel(logging.DEBUG)


def everything() -> None:
    """Set every level and stream that botocore and the standard library offer."""
    logging.basicConfig(level=logging.NOTSET, force=True)
    boto3.set_stream_logger("")
    for name in ("boto3", "botocore", "urllib3"):
        boto3.set_stream_logger(name)
    for name in ("botocore.parsers", "botocore.endpoint", "urllib3.connectionpool"):
        logging.getLogger(name).setLevel(logging.DEBUG)


SWITCHES = {"root level": root_level, "everything": everything}


class NotedClients(Clients):
    """Clients that note the data keys they return."""

    def __init__(self) -> None:
        super().__init__()
        self.data_keys: list[bytes] = []

    def generate_data_key(self, key_id: str, context: dict[str, str]) -> tuple[bytes, bytes]:
        data_key, encrypted = super().generate_data_key(key_id, context)
        self.data_keys.append(data_key)
        return data_key, encrypted


def hidden_in_requests() -> list[str]:
    """Issue a token, mint one ahead and hand it out; return what must not be in the output."""
    with mock_aws():
        create_table()
        create_stack()
        boto3.client("secretsmanager").create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
        clients = NotedClients()
        deployment = Deployment.over(Settings(default_app_id=APP_ID), clients)
        api, provision = create_handler(deployment), create_provisioner(deployment)
        detail = tokens_detail("r-1", user_ids=["alice"])
        provision(event_of("Zego Tokens Requested", detail), FakeContext())
        event = request("GET", "/v1/provisioned/{request_id}/{user_id}", request_id="r-1", user_id="alice")
        answers = [
            api(each, FakeContext()) for each in (token_event(fields={"room_id": "canary-room"}), event)
        ]
    tokens = [json.loads(answer["body"])["token"] for answer in answers]
    (data_key,) = clients.data_keys
    forms = (b64encode(data_key).decode(), data_key.hex(), str(data_key)[2:-1])
    return [
        SECRET,
        b64encode(SECRET.encode()).decode(),
        *forms,
        *(token[2:60] for token in tokens),
        '"nonce"',
    ]


def main(switch: str, hidden: Path) -> None:
    handler: Any = logging.StreamHandler(sys.stdout)  # the handler that Lambda gives the root logger
    logging.getLogger().addHandler(handler)
    SWITCHES[switch]()
    hidden.write_text(json.dumps(hidden_in_requests()))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
