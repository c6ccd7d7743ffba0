"""A stand-in for API Gateway: HTTP requests become HTTP API (v2) events, as API Gateway makes them."""

import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from aws_lambda_powertools.utilities.typing import LambdaContext
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MAX_PAYLOAD_BYTES = 10 * 1024 * 1024  # an HTTP API's own limit
EVENTS_PATH = "/local/events"  # where there is no EventBridge
OPEN_ROUTES = {"GET /v1/health"}
_LOCAL_CALLER = {
    "accessKey": "ASIALOCAL",
    "accountId": "000000000000",
    "callerId": "AROALOCAL:developer",
    "cognitoIdentity": None,
    "principalOrgId": None,
    "userArn": "arn:aws:sts::000000000000:assumed-role/local/developer",
    "userId": "AROALOCAL:developer",
}

Handler = Callable[[Mapping[str, Any], LambdaContext], Mapping[str, Any]]
# From a request to the `authorizer` of the event's request context; None lets nobody in.
Authorizer = Callable[[Request], dict[str, Any] | None]


class LocalContext(LambdaContext):
    """What the handler may ask of Lambda's context object."""

    def __init__(self) -> None:
        self._function_name = "local-token-api"
        self._memory_limit_in_mb = 512
        self._invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:local-token-api"
        self._aws_request_id = str(uuid4())

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Lambda's longest time: nothing ends a request on this machine."""
        return 900_000


def local_iam(_request: Request) -> dict[str, Any]:
    """Takes every request for one that a developer has signed."""
    return {"iam": _LOCAL_CALLER}


def gateway(handler: Handler, authorizer: Authorizer = local_iam) -> "WSGIApplication":
    """A WSGI application over a Lambda handler."""

    @Request.application
    def application(request: Request) -> Response:
        request.max_content_length = MAX_PAYLOAD_BYTES
        event = http_api_event(request)
        if event["routeKey"] not in OPEN_ROUTES:
            caller = authorizer(request)
            if caller is None:
                return _unauthorized()
            event["requestContext"]["authorizer"] = caller
        answer = handler(event, LocalContext())
        body = answer.get("body") or ""
        return Response(
            b64decode(body) if answer.get("isBase64Encoded") else body,
            status=answer["statusCode"],
            headers=answer.get("headers"),
        )

    return application


def with_events(application: "WSGIApplication", provisioner: Handler) -> "WSGIApplication":
    """The application, and a path that takes events as EventBridge would bring them to the provisioner."""

    @Request.application
    def take_event(request: Request) -> Response:
        event = request.get_json(force=True, silent=True)
        if request.method != "POST" or not isinstance(event, dict):
            return Response("POST an event, as a JSON object.\n", HTTPStatus.BAD_REQUEST)
        outcome = provisioner(event, LocalContext())
        return Response(json.dumps(outcome) + "\n", content_type="application/json")

    return DispatcherMiddleware(application, {EVENTS_PATH: take_event})


def _unauthorized() -> Response:
    body, headers = '{"message":"Unauthorized"}', {"WWW-Authenticate": "Bearer"}
    return Response(body, HTTPStatus.UNAUTHORIZED, headers, content_type="application/json")


def http_api_event(request: Request) -> dict[str, Any]:
    """The event of an HTTP API with payload format 2.0, before anybody is authorized."""
    data = request.get_data()
    try:
        body, is_base64 = data.decode(), False
    except UnicodeDecodeError:
        body, is_base64 = b64encode(data).decode(), True
    route = f"{request.method} {request.path}"
    now = time.time()
    context = {
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": request.host,
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
            "sourceIp": request.remote_addr,
            "userAgent": request.user_agent.string,
        },
        "requestId": str(uuid4()),
        "routeKey": route,
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "timeEpoch": int(now * 1000),
    }
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": request.environ["REQUEST_URI"].partition("?")[0],  # as it came, like a function URL's
        "rawQueryString": request.query_string.decode("latin-1"),
        "queryStringParameters": {name: ",".join(values) for name, values in request.args.lists()} or None,
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "requestContext": context,
        "body": body or None,
        "isBase64Encoded": is_base64,
    }
