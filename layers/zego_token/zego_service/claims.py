"""Names and rights in the claims of a JWT, and in the context of a Lambda authorizer.

An HTTP API writes a list in a JWT as ``[a b]``, an object as ``map[…]``, and null as ``<nil>``. A REST API
writes the list of a user's Cognito groups as ``a,b``. A Lambda authorizer of an HTTP API passes JSON on, that
of a REST API text, numbers and booleans. AWS documents little of that. Sources:
https://github.com/aws-solutions-library-samples/guidance-for-claude-code-with-amazon-bedrock/issues/802,
https://github.com/awsdocs/amazon-api-gateway-developer-guide/issues/158 and
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

import json
import re
from collections.abc import Callable, Mapping
from enum import Enum

from zego_service.callers import GROUPS, RIGHTS, SPELLINGS

# Claims that are text by their standard; the others are lists in most issuers' tokens.
_TEXT_CLAIMS = ("scope", "scopes")
# How text begins that an API has made of something else.
_NOT_TEXT = ("[", "map[", "<nil>")
_SEPARATORS = re.compile(r"[ ,]+")
_LARGEST_EXACT = 2**53 - 1  # all integers up to it are exact in every JSON parser


class Writer(Enum):
    """What wrote the claims into the event."""

    HTTP_API_JWT = "jwt"
    REST_API_COGNITO = "cognito"
    LAMBDA_AUTHORIZER = "lambda"


def rights_of(claims: Mapping[str, object], writer: Writer) -> frozenset[str]:
    """The rights of a caller: scopes of OAuth, Entra's roles and Auth0's permissions."""
    return frozenset(right for name in RIGHTS for right in _entries(name, claims.get(name), writer))


def groups_of(claims: Mapping[str, object], writer: Writer) -> frozenset[str]:
    """A user's Cognito groups, in the form that the API really gives them."""
    return frozenset(_entries(GROUPS, claims.get(GROUPS), writer))


def name_of(value: object, writer: Writer) -> str | None:
    """The name that a claim holds; None where it holds none. A Lambda authorizer may give a number."""
    if isinstance(value, str):
        return value if value and not value.startswith(_NOT_TEXT) else None
    is_number = type(value) is int or (type(value) is float and value.is_integer())
    if writer is not Writer.LAMBDA_AUTHORIZER or not is_number or abs(value) > _LARGEST_EXACT:  # type: ignore[arg-type]
        return None
    return str(int(value))  # type: ignore[call-overload]


def _entries(name: str, value: object, writer: Writer) -> list[str]:
    """The entries of a claim. Each entry of a list is one right, even with spaces in it."""
    if isinstance(value, str):
        value = _FORMS[writer](name, value)
    entries: list[object] = value if isinstance(value, list) else []
    return [SPELLINGS.get(entry, entry) for entry in entries if isinstance(entry, str)]


def _of_http_api(name: str, text: str) -> list[str]:
    """Text with spaces, or a list in brackets.

    In a claim that is text, one word in brackets may be the name of a scope, and groups are always a list.
    """
    if not text.startswith(_NOT_TEXT):
        return [] if name == GROUPS else text.split(" ")
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else "["
    entries = inner.split(" ")
    is_list = not re.search(r"[\[\]]", inner) and all(entries) and len(entries) > (name in _TEXT_CLAIMS)
    return entries if is_list else []


def _of_rest_api(name: str, text: str) -> list[str]:
    """Text with spaces; groups with commas."""
    if text.startswith(_NOT_TEXT):
        return []
    return text.split("," if name == GROUPS else " ")


def _of_lambda(_name: str, text: str) -> object:
    """Text with spaces or commas, or a list as JSON."""
    if not text.startswith(_NOT_TEXT):
        return _SEPARATORS.split(text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return []


_FORMS: dict[Writer, Callable[[str, str], object]] = {
    Writer.HTTP_API_JWT: _of_http_api,
    Writer.REST_API_COGNITO: _of_rest_api,
    Writer.LAMBDA_AUTHORIZER: _of_lambda,
}
