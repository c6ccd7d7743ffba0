"""Many tokens asked of a service, some hundred by one request."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

from zego_cli.errors import UNREACHABLE, CommandError
from zego_cli.service import Answer, Service
from zego_cli.wanted import Wanted

ROUTE = "/v1/tokens/batch"
MOST_ITEMS = 500  # that the service takes at once
_OUT_OF_TIME = ":out-of-time"


def ask_all(wanted: Sequence[Wanted], service: Service) -> Iterator[dict[str, Any] | CommandError]:
    """What the service answers for each token that is wanted, in order: the token, or why there is none.

    Raises :class:`CommandError` where it refuses a request as a whole, or cannot be reached.
    """
    for start in range(0, len(wanted), MOST_ITEMS):
        chunk = wanted[start : start + MOST_ITEMS]
        for one, result in zip(chunk, _results(chunk, service), strict=True):
            yield _outcome(one, result, service)


def _outcome(one: Wanted, result: dict[str, Any], service: Service) -> dict[str, Any] | CommandError:
    if result.get("status") != HTTPStatus.OK:
        return CommandError(_problem_of(result, service))
    try:
        return one.taken_from(result, service)
    except CommandError as error:
        return error


def _results(chunk: Sequence[Wanted], service: Service) -> list[dict[str, Any]]:
    """The results of one request, or of several where the service had no room or no time for all of them."""
    answer = service.send("POST", ROUTE, {"items": [one.body() for one in chunk]})
    middle = len(chunk) // 2
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and middle:
        return _results(chunk[:middle], service) + _results(chunk[middle:], service)
    results = (answer.content or {}).get("results")
    is_whole = isinstance(results, list) and len(results) == len(chunk)
    if not is_whole or not all(isinstance(result, dict) for result in results):
        raise CommandError(f"{service.url} answered {answer.problem}", UNREACHABLE)
    late = [number for number, result in enumerate(results) if _is_out_of_time(result)]
    if 0 < len(late) < len(chunk):
        again = _results([chunk[number] for number in late], service)
        for number, result in zip(late, again, strict=True):
            results[number] = result
    return list(results)


def _is_out_of_time(result: dict[str, Any]) -> bool:
    problem = result.get("problem")
    return isinstance(problem, dict) and str(problem.get("type")).endswith(_OUT_OF_TIME)


def _problem_of(result: dict[str, Any], service: Service) -> str:
    status, problem = result.get("status"), result.get("problem")
    said = Answer(status, {}, problem if isinstance(problem, dict) else None)  # type: ignore[arg-type]
    return f"{service.url} answered {said.problem}"
