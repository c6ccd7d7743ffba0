"""A stand-in for API Gateway: HTTP requests become HTTP API (v2) events, as API Gateway makes them."""

import json
import re
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote
from uuid import uuid4

from aws_lambda_powertools.utilities.typing import LambdaContext
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response

from token_api import paths
from zego_service.authentication import caller_of_http_api
from zego_service.callers import Nobody
from zego_service.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MAX_PAYLOAD_BYTES = 10 * 1024 * 1024  # an HTTP API's own limit
EVENTS_PATH = "/local/events"  # where there is no EventBridge
MAX_EVENT_BYTES = 256 * 1024  # EventBridge's own limit
_ROUTES = tuple(path.replace("<", "{").replace(">", "}") for path in paths.ALL)
_ABSOLUTE = re.compile(r"^[A-Za-z]+://[^/]*")
OPEN_ROUTES = {"GET /v1/health"}
NO_ROUTE = "$default"
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
        try:
            event = http_api_event(request)
        except RequestEntityTooLarge:
            return _message(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Entity Too Large")
        if _is_not_routed(event):
            return _message(HTTPStatus.NOT_FOUND, "Not Found")
        if event["routeKey"] not in (*OPEN_ROUTES, NO_ROUTE):
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


def with_events(
    application: "WSGIApplication", provisioner: Handler, authorizer: Authorizer = local_iam
) -> "WSGIApplication":
    """The application, and a path that passes a service's events to the provisioner, as EventBridge would."""

    @Request.application
    def take_event(request: Request) -> Response:
        refusal = refusal_of(authorizer(request), "send events") or _misfit(request)
        if refusal is not None:
            return refusal
        data = _data_of(request)
        if data is None:
            most = f"An event must be at most {MAX_EVENT_BYTES} bytes."
            return _message(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, most)
        try:
            event = json.loads(data, parse_constant=_refuse_constant)
            if isinstance(event, dict):
                return _json(HTTPStatus.OK, provisioner(event, LocalContext()))
        except (ValueError, RecursionError):
            pass
        return _message(HTTPStatus.BAD_REQUEST, "The body must be an event, as one JSON object.")

    return DispatcherMiddleware(application, {EVENTS_PATH: take_event})


def refusal_of(vouched: dict[str, Any] | None, what: str) -> Response | None:
    """The answer to a caller that is no service, which alone may do ``what``; None for a service."""
    if vouched is None:
        return _unauthorized()
    caller = caller_of_http_api({"authorizer": vouched}, Settings())
    if isinstance(caller, Nobody) or not caller.is_service:
        return _message(HTTPStatus.FORBIDDEN, f"Only a service may {what}.")
    return None


def _misfit(request: Request) -> Response | None:
    """Why a request brings no event: the method, or the type of its body."""
    if request.method != "POST":
        return _message(HTTPStatus.METHOD_NOT_ALLOWED, "POST an event.", Allow="POST")
    if request.mimetype != "application/json":
        return _message(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The Content-Type must be application/json.")
    return None


def _data_of(request: Request) -> bytes | None:
    """The body of a request that brings an event; None where it is too large."""
    request.max_content_length = (
        MAX_EVENT_BYTES + 1
    )  # one more: a body in chunks is cut there without an error
    try:
        data = request.get_data()
    except RequestEntityTooLarge:
        return None
    return data if len(data) <= MAX_EVENT_BYTES else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _is_not_routed(event: Mapping[str, Any]) -> bool:
    """Whether an HTTP API has no route for it, though the function would have an answer.

    That is HEAD, and a route's path with a slash at its end, doubled slashes or a part before it. AWS matches
    whole paths and methods: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """
    if event["requestContext"]["http"]["method"] == "HEAD":
        return True
    own = paths.GatewayPath(event["rawPath"], "", {}, is_decoded=True).own
    return event["routeKey"] == NO_ROUTE and bool(_matched(own)[0])


def _message(status: HTTPStatus, message: str, **headers: str) -> Response:
    return _json(status, {"message": message}, **headers)


def _json(status: HTTPStatus, body: Mapping[str, Any], **headers: str) -> Response:
    return Response(json.dumps(body) + "\n", status, headers, content_type="application/json")


def _unauthorized() -> Response:
    return _message(HTTPStatus.UNAUTHORIZED, "Unauthorized", **{"WWW-Authenticate": "Bearer"})


def http_api_event(request: Request) -> dict[str, Any]:
    """The event of an HTTP API with payload format 2.0, before anybody is authorized."""
    data = request.get_data()
    try:
        body, is_base64 = data.decode(), False
    except UnicodeDecodeError:
        body, is_base64 = b64encode(data).decode(), True
    path = _ABSOLUTE.sub("", request.environ["REQUEST_URI"].partition("?")[0])
    template, parameters = _matched(path)
    route = f"{request.method} {template}" if template else NO_ROUTE
    now = time.time()
    context = {
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": request.host,
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": unquote(path),
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
        "rawPath": unquote(path),
        "rawQueryString": request.query_string.decode("latin-1"),
        "queryStringParameters": {name: ",".join(values) for name, values in request.args.lists()} or None,
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "pathParameters": parameters or None,
        "requestContext": context,
        "body": body or None,
        "isBase64Encoded": is_base64,
    }


def _matched(path: str) -> tuple[str, dict[str, str]]:
    """The route for an encoded path, and its decoded parameters. Both are empty where no route matches."""
    given = path.split("/")
    for template in _ROUTES:
        parts = template.split("/")
        if len(parts) == len(given) and all(
            part == text or (part.startswith("{") and text) for part, text in zip(parts, given, strict=True)
        ):
            pairs = zip(parts, given, strict=True)
            return template, {part[1:-1]: unquote(text) for part, text in pairs if part.startswith("{")}
    return "", {}
