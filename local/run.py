"""`make run`: the API on this machine, over an embedded AWS.

HOST binds another address than 127.0.0.1. HOSTS names host names under which it may be asked, CORS the
origins of pages that may use it, both separated by commas.
"""

import argparse
import io
import ipaddress
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib import import_module
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws
from werkzeug.test import Client

from local.access import Access, guarded, is_loopback
from local.aws import ZegoApp, create_stack, create_table, store_secret, use_local_credentials, zego_app
from local.gateway import EVENTS_PATH, Handler, LocalContext, gateway, local_iam, with_events
from local.jwt_authorizer import VALID_SECONDS, JwtAuthorizer
from local.server import server_over
from zego_service.callers import ISSUE, PUBLISH, REVOKE
from zego_service.telemetry import logger
from zego_token import decode_token

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
NOBODY = f"http://{HOST}:9"
_ONE_AT_A_TIME = threading.Lock()
SERVICE_SCOPE = f"{ISSUE} {PUBLISH} {REVOKE}"
EVENT = "@events/room_scheduled.json"
_SHOWN_CHARACTERS = 16
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
    bound = os.environ.get("HOST") or HOST
    listener = listen(arguments.port, bound)
    address, port = listener.getsockname()[:2]
    access = Access.from_environment(os.environ, bound, address)
    jwt_authorizer = JwtAuthorizer() if arguments.jwt else None
    with mock_aws():
        use_local_credentials()
        store_secret(app)
        create_table()
        create_stack()
        configure(app)
        application = gateway(load_handler("token_api"), jwt_authorizer or local_iam)
        provisioner = load_handler("provisioner")
        if jwt_authorizer is not None:
            schedule_sample(provisioner)
        served = with_events(application, provisioner, jwt_authorizer or local_iam)
        server = server_over(guarded(served, access), listener)
        introduce(application, app, url_of(address, port), jwt_authorizer)
        if bound != HOST:
            print("\n" + opening(address, app, needs_jwt=jwt_authorizer is not None))
        print("\nServing until Ctrl-C.", flush=True)
        server.serve_forever()  # until Ctrl-C
        print("\nStopped.")


def listen(port: int, host: str = HOST, command: str = "make run") -> socket.socket:
    """A listening socket; exits with what to do about it where the address is not to be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError, UnicodeError) as error:
        where = "Port" if host == HOST else f"{host} port"
        sys.exit(f"{where} {port} cannot be used ({error}). Choose another: PORT={port + 1} {command}")


def url_of(address: str, port: int) -> str:
    """The URL of the API on this machine."""
    if ipaddress.ip_address(address).is_unspecified:
        return f"http://{HOST}:{port}"
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def opening(address: str, app: ZegoApp, *, needs_jwt: bool) -> str:
    """What is open to whom, by the address that is bound."""
    if is_loopback(address):
        whom = f"Programs of this machine that reach {address}"
    elif ipaddress.ip_address(address).is_unspecified:
        whom = "Everything that reaches any address of this machine"
    else:
        whom = f"Everything that reaches {address}"
    if needs_jwt:
        return f"{whom} can use this API with a JWT."
    return f"{whom} can get tokens of the app {app.app_id} for any user. JWT=1 requires a JWT."


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


def schedule_sample(provisioner: Handler) -> None:
    """Grant the sample's user the sample's room for a day, since users get no other rooms."""
    now = int(time.time())
    detail = {
        "version": 1,
        "room_id": SAMPLE["room_id"],
        "revision": 0,
        "starts_at": now,
        "ends_at": now + VALID_SECONDS,
        "participants": [{"user_id": SAMPLE["user_id"], **SAMPLE["privilege"]}],
    }
    provisioner({"detail-type": "Zego Room Scheduled", "detail": detail}, LocalContext())


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
    print(f"  curl {url}/v1/tokens {options_of(headers)} -d '{body}'\n")
    service = None if issuer is None else issuer.issue("backend", SERVICE_SCOPE)
    if service is not None:
        print(f"A JWT of a service, which may name any user:\n\n  {service}\n")
    # A terminal's text is copied and recorded. The demo app's tokens open nothing.
    shown = token if app.is_demo else f"{token[:_SHOWN_CHARACTERS]}… (cut: it opens your app's rooms)"
    print(f"The token it was just answered with:\n\n  {shown}\n\nWhat is inside:\n")
    print(f"  {opened.plaintext}\n")
    options = options_of({"Content-Type": "application/json"})
    whose = "" if service is None else ", and with the JWT of the service"
    print(f"Events to provision rooms with: curl {url}{EVENTS_PATH} {options} -d {EVENT}{whose}")


def options_of(headers: Mapping[str, str]) -> str:
    """The headers as options of curl."""
    return " ".join(f"-H '{name}: {value}'" for name, value in headers.items())


if __name__ == "__main__":
    main()
