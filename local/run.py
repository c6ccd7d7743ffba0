"""`make run`: the API on this machine, over an embedded AWS."""

import argparse
import io
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib import import_module
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws
from werkzeug.serving import make_server
from werkzeug.test import Client

from local.aws import ZegoApp, create_stack, create_table, store_secret, use_local_credentials, zego_app
from local.gateway import EVENTS_PATH, Handler, gateway, local_iam, with_events
from local.jwt_authorizer import JwtAuthorizer
from zego_service.callers import ISSUE, PUBLISH, REVOKE
from zego_service.telemetry import logger
from zego_token import decode_token

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
NOBODY = f"http://{HOST}:9"
_ONE_AT_A_TIME = threading.Lock()
SERVICE_SCOPE = f"{ISSUE} {PUBLISH} {REVOKE}"
SAMPLE: dict[str, Any] = {
    "user_id": "alice",
    "room_id": "demo",
    "privilege": {"login": True, "publish": True},
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--jwt", action="store_true", help="ask for a JWT, and print some")
    arguments = parser.parse_args()
    for stop in (signal.SIGINT, signal.SIGTERM):  # a background job would inherit an ignored SIGINT
        signal.signal(stop, signal.default_int_handler)
    app = zego_app(os.environ)
    listener = listen(arguments.port)
    jwt_authorizer = JwtAuthorizer() if arguments.jwt else None
    with mock_aws():
        use_local_credentials()
        store_secret(app)
        create_table()
        create_stack()
        configure(app)
        application = gateway(load_handler("token_api"), jwt_authorizer or local_iam)
        port = listener.getsockname()[1]
        served = with_events(application, load_handler("provisioner"))
        server = make_server(HOST, port, served, threaded=True, fd=listener.fileno())
        introduce(application, app, f"http://{HOST}:{port}", jwt_authorizer)
        server.serve_forever()  # until Ctrl-C
        print("\nStopped.")


def listen(port: int, host: str = HOST, command: str = "make run") -> socket.socket:
    """A listening socket; exits with what to do about it where the address is not to be had."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        where = "Port" if host == HOST else f"{host} port"
        sys.exit(f"{where} {port} cannot be used ({error}). Choose another: PORT={port + 1} {command}")
    return listener


def configure(app: ZegoApp) -> None:
    """Set what the template would set."""
    os.environ["ZEGO_DEFAULT_APP_ID"] = str(app.app_id)
    if app.is_demo:
        os.environ["ZEGO_SERVER_API"] = NOBODY  # ZEGO does not know the demo app
    logger.setLevel("WARNING")  # the terminal is for requests; routine logs would drown them


def load_handler(package: str) -> Handler:
    """A function's own handler, which takes one event at a time, as in Lambda."""
    lambda_handler: Handler = import_module(f"{package}.app").lambda_handler

    def without_metrics(event: Mapping[str, Any], context: LambdaContext) -> Mapping[str, Any]:
        with _ONE_AT_A_TIME, redirect_stdout(io.StringIO()):  # metrics are printed, for CloudWatch to collect
            return lambda_handler(event, context)

    return without_metrics


def introduce(application: "WSGIApplication", app: ZegoApp, url: str, issuer: JwtAuthorizer | None) -> None:
    """Issue one token and show it, opened."""
    body = json.dumps(SAMPLE)
    headers = {"Content-Type": "application/json"}
    if issuer is not None:
        headers["Authorization"] = f"Bearer {issuer.issue(SAMPLE['user_id'], PUBLISH)}"
    answer = Client(application).post("/v1/tokens", data=body, headers=headers)
    if answer.status_code != 200:
        sys.exit(f"The sample request failed:\n{answer.text}")
    token = answer.get_json()["token"]
    opened = decode_token(token, app.secret)
    kind = "demo app" if app.is_demo else "app"
    print(f"ZEGO token service for the {kind} {app.app_id} on {url}")
    if app.is_demo:
        print(f"Its ServerSecret, which is no secret: {app.secret}")
    print("\nA request to try:\n")
    options = " ".join(f"-H '{name}: {value}'" for name, value in headers.items())
    print(f"  curl {url}/v1/tokens {options} -d '{body}'\n")
    if issuer is not None:
        print(f"A JWT of a service, which may name any user:\n\n  {issuer.issue('backend', SERVICE_SCOPE)}\n")
    print(f"The token it was just answered with:\n\n  {token}\n\nWhat is inside:\n")
    print(f"  {opened.plaintext}\n")
    print(f"Events to provision rooms with: curl {url}{EVENTS_PATH} -d @events/room_scheduled.json")
    print("\nServing until Ctrl-C.", flush=True)


if __name__ == "__main__":
    main()
