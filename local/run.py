"""`make run`: the API on this machine, over an embedded AWS.

HOST binds another address than 127.0.0.1. HOSTS names host names under which it may be asked, CORS the
origins of pages that may use it, both separated by commas.
"""

import errno
import io
import ipaddress
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from importlib import import_module
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws
from werkzeug.test import Client

from local.access import Access, guarded
from local.access_log import WarningFormatter, logged
from local.arguments import DEFAULT_PORT, MAX_PORT, port_of, stopping, yes_or_no
from local.aws import ZegoApp, create_stack, create_table, store_secret, use_local_credentials, zego_app
from local.console import Console, explained, stored_reasons, stored_rooms, with_console
from local.gateway import EVENTS_PATH, Handler, LocalContext, gateway, local_iam, with_events
from local.introduction import SAMPLE, callers, introduction
from local.jwt_authorizer import VALID_SECONDS, JwtAuthorizer
from local.server import server_over
from local.terminal import interruptible
from zego_service.callers import ISSUE, PUBLISH, REVOKE
from zego_service.telemetry import logger

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

P = ParamSpec("P")
T = TypeVar("T")
HOST = "127.0.0.1"
_OPEN_PORTS = 1024  # ports below need more rights
NOBODY = f"http://{HOST}:9"
_ONE_AT_A_TIME = threading.Lock()
SERVICE_SCOPE = f"{ISSUE} {PUBLISH} {REVOKE}"


def main() -> None:
    for signal_ in (signal.SIGINT, signal.SIGTERM):  # a background job would inherit an ignored SIGINT
        signal.signal(signal_, signal.default_int_handler)
    with stopping():
        wanted_port, needs_jwt = port_of(os.environ), yes_or_no(os.environ, "JWT")
    app = zego_app(os.environ)
    bound = os.environ.get("HOST") or HOST
    listener = listen(wanted_port, bound)
    address, port = listener.getsockname()[:2]
    access = Access.from_environment(os.environ, bound, address)
    jwt_authorizer = JwtAuthorizer() if needs_jwt else None
    with mock_aws():
        use_local_credentials()
        store_secret(app)
        create_table()
        create_stack()
        configure(app)
        application = gateway(load_handler("token_api"), jwt_authorizer or local_iam)
        provisioner = load_handler("provisioner")
        jwts: dict[str, str] = {}
        if jwt_authorizer is not None:
            schedule_sample(provisioner)
            user = jwt_authorizer.issue(SAMPLE["user_id"], PUBLISH)
            jwts = {"USER_JWT": user, "BACKEND_JWT": jwt_authorizer.issue("backend", SERVICE_SCOPE)}
        authorizer, url = jwt_authorizer or local_iam, url_of(address, port)
        served = with_events(application, explained(provisioner, alone(stored_reasons)), authorizer)
        console = Console(app.app_id, authorizer, alone(stored_rooms), jwts)
        server = server_over(logged(guarded(with_console(served, console), access)), listener)
        answer = sample_answer(application, jwts.get("USER_JWT", ""))
        whom = callers(address, needs_jwt=needs_jwt)
        print(introduction(app, url, EVENTS_PATH, whom, answer, jwts))
        print(f"\nTry it in a browser: {console.address(url)}")
        print(f"\nServing on {url} until Ctrl-C.\n", flush=True)
        server.serve_forever()  # until Ctrl-C
        print("\nStopped.")


def listen(port: int, host: str = HOST, command: str = "make run") -> socket.socket:
    """A listening socket; exits with what to do about it where the address is not to be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError, UnicodeError) as error:
        where = "Port" if host == HOST else f"{host} port"
        sys.exit(f"{where} {port} cannot be used: {_reason(error)}.{_other_port(error, port, command)}")


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _other_port(error: Exception, port: int, command: str) -> str:
    """The command with another port, where that helps."""
    if not isinstance(error, OSError) or error.errno not in (errno.EADDRINUSE, errno.EACCES):
        return ""
    other = port + 1 if _OPEN_PORTS <= port < MAX_PORT else DEFAULT_PORT
    return f"\nChoose another: {command} PORT={other}"


def url_of(address: str, port: int) -> str:
    """The URL of the API on this machine."""
    if ipaddress.ip_address(address).is_unspecified:
        return f"http://{HOST}:{port}"
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def configure(app: ZegoApp) -> None:
    """Set what the template would set."""
    os.environ["ZEGO_DEFAULT_APP_ID"] = str(app.app_id)
    if app.is_demo:
        os.environ["ZEGO_SERVER_API"] = NOBODY  # ZEGO does not know the demo app
    logger.setLevel("WARNING")  # the terminal is for requests; routine logs would drown them
    logger.registered_handler.setFormatter(WarningFormatter())


def load_handler(package: str) -> Handler:
    """A function's own handler, which takes one event at a time, as in Lambda."""
    lambda_handler: Handler = import_module(f"{package}.app").lambda_handler

    def without_metrics(event: Mapping[str, Any], context: LambdaContext) -> Mapping[str, Any]:
        with redirect_stdout(io.StringIO()):  # metrics are printed, for CloudWatch to collect
            return lambda_handler(event, context)

    return alone(without_metrics)


def alone(call: Callable[P, T]) -> Callable[P, T]:
    """The call, one at a time with all others: standard output and the embedded AWS are shared."""

    def waiting(*args: P.args, **options: P.kwargs) -> T:
        with _ONE_AT_A_TIME:
            return call(*args, **options)

    return waiting


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


def sample_answer(application: "WSGIApplication", jwt: str) -> dict[str, Any]:
    """The answer to the sample request. Exits where it is not a token."""
    headers = {"Authorization": f"Bearer {jwt}"} if jwt else {}
    answer = Client(application).post("/v1/tokens", json=SAMPLE, headers=headers)
    if answer.status_code != 200:
        sys.exit(f"The sample request failed:\n{answer.text}")
    body: dict[str, Any] = answer.get_json()
    return body


if __name__ == "__main__":
    interruptible(main)
