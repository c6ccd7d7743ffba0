"""The HTTP events that the function accepts, recognised by their shape."""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from zego_service.callers import Caller, caller_of_payload_v1, caller_of_payload_v2

# A stage, or the base path of a custom domain, in front of this API's own paths.
_PREFIX = re.compile(r"^(?:/[^/]+)*?(?=/v1/(?!v1/)|/openapi\.json$)")


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


def caller_of(event: Mapping[str, Any], user_id_claim: str) -> Caller | None:
    """Who the event's request context says has been authenticated."""
    caller_of_payload = caller_of_payload_v2 if event.get("version") == "2.0" else caller_of_payload_v1
    return caller_of_payload(event["requestContext"], user_id_claim)


def request_id_of(event: Mapping[str, Any]) -> str:
    """API Gateway's id of the request, which its access log has too."""
    request_id = event["requestContext"].get("requestId")
    return request_id if isinstance(request_id, str) else ""


def query_of(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The names and values of the query string, including repeated names."""
    if event.get("version") == "2.0":
        raw = event.get("rawQueryString")
        return parse_qsl(raw, keep_blank_values=True) if isinstance(raw, str) else []
    given = event.get("multiValueQueryStringParameters")
    pairs = given.items() if isinstance(given, Mapping) else ()
    return [(name, value) for name, values in pairs if isinstance(values, list) for value in values]


def normalised(event: Mapping[str, Any], trigger: Trigger) -> dict[str, Any]:
    """A copy of the event with a route's own path, percent-encoded, and with headers that are text.

    The path has no stage, no base path and no trailing slash.
    """
    given = event.get("headers")
    headers = given.items() if isinstance(given, Mapping) else ()
    plain = {
        **event,
        "headers": {name: value for name, value in headers if _are_text(name, value)},
        "multiValueHeaders": None,
    }
    if trigger is Trigger.REST_API:
        return {**plain, "path": _own_path(event, event.get("resource"), event["path"], unquote)}
    # Powertools would cut the stage's length off the path, whether or not the stage is there.
    context = {**event["requestContext"], "stage": "$default"}
    route = str(event.get("routeKey")).partition(" ")[2]
    return {**plain, "rawPath": _own_path(event, route, event["rawPath"], str), "requestContext": context}


def _own_path(event: Mapping[str, Any], route: object, path: str, decoded: Callable[[str], str]) -> str:
    """The path with its parameters percent-encoded, so that whatever is in them, it is one segment.

    An HTTP API has decoded path and parameters, and only the latter tell which slash is whose. A REST
    API passes both on as they came, so that they are ``decoded`` first.
    """
    parameters = event.get("pathParameters")
    if isinstance(route, str) and isinstance(parameters, Mapping) and _are_text(*parameters.values()):
        for name, value in parameters.items():
            route = route.replace(f"{{{name}}}", _quoted(decoded(value), safe=""))
        if route.startswith("/") and "{" not in route:
            return route
    return _quoted(_PREFIX.sub("", path, count=1).rstrip("/"), safe="/%") or "/"


def _quoted(text: str, safe: str) -> str:
    return quote(text, safe=safe, errors="surrogatepass")


def _are_text(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)
