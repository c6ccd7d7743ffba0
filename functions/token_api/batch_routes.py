"""The route for many tokens at a time: each item is answered as if it were asked for alone."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from token_api import paths
from token_api.bodies import json_body
from token_api.problems import HttpError
from token_api.responses import Routes, explain, json_response
from token_api.schemas import TOKEN_FIELDS, canonical, token_of
from token_api.token_routes import shown
from zego_service.callers import Caller
from zego_service.clock import Instant
from zego_service.deployment import Deployment
from zego_service.errors import InvalidRequestError, ServiceError
from zego_service.fields import kind_of
from zego_service.issuing import audit
from zego_service.issuing.requests import IssuedToken, TokenRequest
from zego_service.names import required

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response

MAX_ITEMS = 500
MAX_BODY_BYTES = 1_048_576
# Of the items as compact JSON, each with the defaults. It keeps the answer below Lambda's 6 MB. Stream ids of
# backslashes take most: 3.6 MB.
MAX_ITEMS_BYTES = 524_288
_ITEMS = "items"


def batch_routes(deployment: Deployment) -> Routes:
    """The route for batches."""
    routes = Routes(deployment)

    @routes.post(paths.BATCH)
    def issue_batch() -> "Response[str]":
        now, caller = deployment.clock(), None
        try:
            caller = routes.require_caller()
            requests = _requests(routes.event, caller)
        except Exception as error:  # noqa: BLE001, one place for all that can go wrong
            audit.refuse(error, caller, None)
            return explain(error).response(routes.request_id)
        outcomes = enumerate(deployment.batches.issue(caller, requests, now))
        return json_response(
            {"results": [_result(outcome, f"{routes.request_id}#items[{n}]", now) for n, outcome in outcomes]}
        )

    return routes


def _requests(event: Mapping[str, Any], caller: Caller) -> list[TokenRequest | ServiceError]:
    """What each item asks for, or why it cannot be read. Raises what is wrong with the batch itself."""
    defaults = canonical(json_body(event, MAX_BODY_BYTES), TOKEN_FIELDS | {_ITEMS})
    items = _items(required(defaults, _ITEMS))
    del defaults[_ITEMS]
    _check_size(defaults, items)
    return [_request(defaults, item, caller) for item in items]


def _request(
    defaults: Mapping[str, Any], item: dict[str, Any], caller: Caller
) -> TokenRequest | ServiceError:
    try:
        return token_of({**defaults, **canonical(item, TOKEN_FIELDS)}, caller)
    except ServiceError as error:
        return error


def _items(value: object) -> list[dict[str, Any]]:
    wanted = f"a list of 1 to {MAX_ITEMS} objects"
    if not isinstance(value, list):
        raise InvalidRequestError(f"{_ITEMS} must be {wanted}, not {kind_of(value)}", _ITEMS)
    if not 1 <= len(value) <= MAX_ITEMS:
        raise InvalidRequestError(f"{_ITEMS} must be {wanted}; this has {len(value)}", _ITEMS)
    for number, item in enumerate(value):
        if not isinstance(item, dict):
            field = f"{_ITEMS}[{number}]"
            raise InvalidRequestError(f"{field} must be an object, not {kind_of(item)}", field)
    return value


def _check_size(defaults: dict[str, Any], items: list[dict[str, Any]]) -> None:
    """Refuse items that are too large together, each with the defaults: so would be the answer."""
    try:
        size = len(items) * _size_of(defaults) + _size_of(items)
    except RecursionError:
        raise InvalidRequestError(f"{_ITEMS} are nested too deeply", _ITEMS) from None
    if size > MAX_ITEMS_BYTES:
        detail = (
            f"the items, each with the defaults, must have at most {MAX_ITEMS_BYTES} bytes as JSON; these "
            f"have {size}. Send fewer at once"
        )
        raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "batch_too_large", detail, _ITEMS)


def _size_of(value: object) -> int:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return len(text.encode("utf-8", "surrogatepass"))


def _result(outcome: IssuedToken | Exception, instance: str, now: Instant) -> dict[str, Any]:
    """What an item gets. A problem's instance ends in its place: ``…#items[3].user_id``."""
    if isinstance(outcome, IssuedToken):
        return {"status": HTTPStatus.OK.value, **shown(outcome, now)}
    problem = explain(outcome)
    place = instance if problem.field is None else f"{instance}.{problem.field}"
    retry = {} if problem.retry_after is None else {"retry_after": problem.retry_after}
    return {"status": problem.status.value, **retry, "problem": problem.members(place)}
