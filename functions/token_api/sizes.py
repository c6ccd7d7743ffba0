"""How large a request may be, apart from its body. It is checked before anything is parsed.

No gateway lets so much through: API Gateway takes 10,240 bytes of request line and headers. But a direct
invocation of the function takes 6 MB. Source:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from token_api.problems import HttpError

MAX_TARGET_CHARACTERS = 10_240  # of the path, and of the query string
MAX_HEADER_CHARACTERS = 65_536  # of the headers, and of the request context, which has the caller's claims
_PATH = ("rawPath", "path", "resource", "routeKey", "pathParameters")
_QUERY = ("rawQueryString", "queryStringParameters", "multiValueQueryStringParameters")
_HEADERS = ("headers", "multiValueHeaders", "requestContext")
_ALL = (*_PATH, *_QUERY, *_HEADERS)


def check_sizes(event: Mapping[str, Any]) -> None:
    """Raise :class:`HttpError`: 414 for a large path or query string, 431 for large headers or claims."""
    if _is_small(event):
        return
    for name in (*_PATH, *_QUERY):
        if _is_larger(event.get(name), MAX_TARGET_CHARACTERS):
            what = "path" if name in _PATH else "query string"
            raise HttpError(
                HTTPStatus.REQUEST_URI_TOO_LONG,
                "uri_too_long",
                f"the {what} must have at most {MAX_TARGET_CHARACTERS} characters",
            )
    for name in _HEADERS:
        if _is_larger(event.get(name), MAX_HEADER_CHARACTERS):
            what = "caller's claims" if name == "requestContext" else "headers"
            raise HttpError(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "headers_too_large",
                f"the {what} must have at most {MAX_HEADER_CHARACTERS} characters",
            )


def _is_small(event: Mapping[str, Any]) -> bool:
    """Whether all parts together are within the least limit, as they are for nearly every request.

    Written out, a value takes more characters than :func:`_is_larger` counts, and Python writes faster.
    """
    try:
        return len(repr([event.get(name) for name in _ALL])) <= MAX_TARGET_CHARACTERS
    except (RecursionError, ValueError):  # of deep nesting, or of more digits than Python writes
        return False


def _is_larger(value: object, most: int) -> bool:
    """Whether there are more characters than ``most`` in a JSON value; each value in it counts as one too."""
    left, waiting = most, [value]
    while waiting and left >= 0:
        found = waiting.pop()
        left -= 1
        if isinstance(found, str):
            left -= len(found)
        elif isinstance(found, (dict, list)):
            if len(found) > left:
                return True
            waiting += found  # of a dict, its keys
            waiting += found.values() if isinstance(found, dict) else ()
    return left < 0
