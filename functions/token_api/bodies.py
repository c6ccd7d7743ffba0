"""Bodies of requests: one JSON object in UTF-8, read strictly."""

import json
from base64 import b64decode
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from math import nan
from typing import Any, NoReturn

from token_api.problems import HttpError
from zego_service.errors import InvalidRequestError
from zego_service.fields import kind_of
from zego_service.names import shown, unique

MAX_BODY_BYTES = 65_536
_BODY = "body"
_UTF8 = ("utf-8", "utf8", "us-ascii")
_MAX_INTEGER_DIGITS = 20  # all that any field may hold, and more
_MAX_FLOAT_CHARACTERS = 64


def json_body(event: Mapping[str, Any], most_bytes: int = MAX_BODY_BYTES) -> dict[str, Any]:
    """The JSON object that is the event's body, of ``most_bytes`` at most.

    Raises :class:`HttpError` or :class:`InvalidRequestError`, which never quotes the body.
    """
    text = _text_of(event, most_bytes)
    try:
        body = json.loads(
            text,
            object_pairs_hook=unique,
            parse_int=integer_of,
            parse_float=_float,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        place = f"an error in line {error.lineno}, column {error.colno}"
        raise InvalidRequestError(f"the body must be one JSON object; it has {place}", _BODY) from None
    except (ValueError, RecursionError):
        raise InvalidRequestError(
            "the body must be one JSON object; it is nested too deeply", _BODY
        ) from None
    if not isinstance(body, dict):
        raise InvalidRequestError(f"the body must be one JSON object, not {kind_of(body)}", _BODY)
    return body


def _text_of(event: Mapping[str, Any], most_bytes: int) -> str:
    body = event.get("body")
    if not isinstance(body, str) or not body:
        raise InvalidRequestError("the request needs a JSON object as its body", _BODY)
    _check_media_type(event["headers"].get("content-type", ""))
    data = _body_bytes(body, is_base64=event.get("isBase64Encoded") is True)
    if data is not None and len(data) > most_bytes:
        raise HttpError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body_too_large",
            f"the body must be at most {most_bytes} bytes",
            _BODY,
        )
    text = None if data is None else _utf8(data)
    if text is None:
        raise InvalidRequestError("the body is not UTF-8 text", _BODY)
    return text


def _body_bytes(body: str, *, is_base64: bool) -> bytes | None:
    try:
        return b64decode(body, validate=True) if is_base64 else body.encode()
    except ValueError:
        return None


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")  # some clients write a byte order mark
    except UnicodeDecodeError:
        return None


def _check_media_type(content_type: str) -> None:
    """Refuse a body that does not say that it is JSON. A page can send one only after a preflight."""
    if not all(map(_is_json, content_type.split(","))):
        found = f"not {shown(content_type)}" if content_type else "the request has none"
        detail = f"the Content-Type must be application/json{',' if content_type else ';'} {found}"
        raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail, "Content-Type")


def _is_json(content_type: str) -> bool:
    """Whether this is JSON, in UTF-8, which is all that JSON may be (RFC 8259, section 8.1)."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [
        value.strip('" ')
        for name, _, value in (p.partition("=") for p in parameters)
        if name.strip() == "charset"
    ]
    return media_type == "application/json" and all(charset in _UTF8 for charset in charsets)


def integer_of(digits: str) -> int | float:
    """An integer; a float where it has more digits than any field takes."""
    # int() takes quadratic time and stops at 4,300 digits; as a float, the field's own check refuses it.
    return int(digits) if len(digits) <= _MAX_INTEGER_DIGITS else float(digits)


def _float(text: str) -> float:
    """A number with a point or an exponent. 0.99…9 must not be rounded to 1: then it is not a number."""
    number = float(text)
    is_exact = not number.is_integer() or (len(text) <= _MAX_FLOAT_CHARACTERS and Decimal(text) == number)
    return number if is_exact else nan


def _refuse_constant(_name: str) -> NoReturn:
    raise InvalidRequestError("NaN and Infinity are not JSON", _BODY)
