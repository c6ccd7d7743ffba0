"""The HTTP events that the function accepts, recognised by their shape."""

from collections.abc import ItemsView, Mapping
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl

from token_api.paths import GatewayPath
from zego_service.authentication import caller_of_function_url, caller_of_http_api, caller_of_payload_v1
from zego_service.callers import Caller, Nobody
from zego_service.claims import Writer
from zego_service.settings import Settings


class Trigger(Enum):
    """What invoked the function."""

    HTTP_API = "HTTP API"
    REST_API = "REST API"
    FUNCTION_URL = "function URL"


def trigger_of(event: object) -> Trigger | None:
    """The trigger of an event; None for a load balancer's, and for whatever is not HTTP at all.

    A load balancer does pass an identity on, but in headers, which prove nothing unless their
    signature is checked.
    """
    if not isinstance(event, Mapping):
        return None
    context = event.get("requestContext")
    if not isinstance(context, Mapping) or "elb" in context:
        return None
    http = context.get("http")
    if event.get("version") == "2.0":
        if not isinstance(http, Mapping) or not _are_text(http.get("method"), event.get("rawPath")):
            return None
        domain = context.get("domainName")
        is_url = isinstance(domain, str) and ".lambda-url." in domain
        return Trigger.FUNCTION_URL if is_url else Trigger.HTTP_API
    return Trigger.REST_API if _are_text(event.get("httpMethod"), event.get("path")) else None


def caller_of(event: Mapping[str, Any], settings: Settings) -> Caller | Nobody:
    """Who the event's request context says has been authenticated."""
    context = event["requestContext"]
    trigger = trigger_of(event)
    if trigger is Trigger.FUNCTION_URL:
        return caller_of_function_url(context, settings)
    if trigger is Trigger.HTTP_API:
        return caller_of_http_api(context, settings)
    # An HTTP API writes its claims in its own way into the older payload format too.
    is_http_api = event.get("version") == "1.0"
    return caller_of_payload_v1(
        context, settings, Writer.HTTP_API_JWT if is_http_api else Writer.REST_API_COGNITO
    )


def request_id_of(event: Mapping[str, Any]) -> str:
    """API Gateway's id of the request, which its access log has too."""
    request_id = event["requestContext"].get("requestId")
    return request_id if isinstance(request_id, str) else ""


def is_head(event: Mapping[str, Any], trigger: Trigger) -> bool:
    """Whether the request is a HEAD, which is answered like a GET, without a body."""
    return bool(_given_method(event, trigger) == "HEAD")


def header_of(event: Mapping[str, Any], name: str) -> str | None:
    """The value of a header, whose name is in lower case; several values are joined by commas."""
    return _headers(event).get(name)


def query_of(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The names and values of the query string, including repeated names."""
    raw = event.get("rawQueryString")
    if isinstance(raw, str) and raw:
        return parse_qsl(raw, keep_blank_values=True)
    pairs = _pairs(event.get("queryStringParameters"))
    named = {name: [value] for name, value in pairs if isinstance(value, str)}
    lists = _pairs(event.get("multiValueQueryStringParameters"))
    named |= {name: values for name, values in lists if isinstance(values, list)}
    return [(name, value) for name, values in named.items() for value in values]


def normalised(event: Mapping[str, Any], trigger: Trigger) -> dict[str, Any]:
    """A copy of the event with a route's own path, percent-encoded, and with headers that are text.

    The path has no stage, no base path and no trailing slash. Names of headers are in lower case; values
    given twice are joined by a comma. HEAD becomes GET.
    """
    plain = {**event, "headers": _headers(event), "multiValueHeaders": None}
    path = _own_path(event, trigger)
    method = "GET" if is_head(event, trigger) else _given_method(event, trigger)
    if trigger is Trigger.REST_API:
        return {**plain, "path": path, "httpMethod": method}
    # Powertools would cut the stage's length off the path, whether or not the stage is there.
    context = {**event["requestContext"], "stage": "$default"}
    return {
        **plain,
        "rawPath": path,
        "requestContext": {**context, "http": {**context["http"], "method": method}},
    }


def _given_method(event: Mapping[str, Any], trigger: Trigger) -> Any:
    return event["httpMethod"] if trigger is Trigger.REST_API else event["requestContext"]["http"]["method"]


def _own_path(event: Mapping[str, Any], trigger: Trigger) -> str:
    if trigger is Trigger.REST_API:
        path, route = event["path"], event.get("resource")
        is_decoded = event.get("version") == "1.0"  # an HTTP API with payload format 1.0
    else:
        path, route = event["rawPath"], str(event.get("routeKey")).partition(" ")[2]
        is_decoded = trigger is Trigger.HTTP_API
    parameters = event.get("pathParameters")
    return GatewayPath(
        path,
        route if isinstance(route, str) else "",
        parameters if isinstance(parameters, Mapping) else {},
        is_decoded,
    ).own


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    """The headers that are text, with all values of each, which a REST API lists apart."""
    given, lists = event.get("headers"), event.get("multiValueHeaders")
    texts = [(name.lower(), value) for name, value in _pairs(given) if _are_text(name, value)]
    headers = dict(texts)
    if not lists and len(headers) == len(texts):
        return headers
    values: dict[str, list[str]] = {}
    for name, value in texts:
        values.setdefault(name, []).append(value)
    for name, listed in _pairs(lists):
        if isinstance(name, str) and isinstance(listed, list) and (name.lower() in values or given is None):
            known = values.setdefault(name.lower(), [])
            known += [value for value in listed if isinstance(value, str) and value not in known]
    return {name: ",".join(known) for name, known in values.items()}


def _pairs(given: object) -> ItemsView[Any, Any]:
    return given.items() if isinstance(given, Mapping) else {}.items()


def _are_text(one: object, other: object) -> bool:
    return isinstance(one, str) and isinstance(other, str)
