"""What an error of the service is to a caller over HTTP."""

import json
from http import HTTPStatus

import pytest

from token_api.problems import problem_of
from zego_service import errors
from zego_service.errors import ServiceError, UnavailableError

ALL_ERRORS = [
    each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, ServiceError)
]


class LaterOutageError(UnavailableError):
    """An error that no table of statuses names."""


def test_an_error_has_the_status_of_its_nearest_known_base() -> None:
    problem = problem_of(LaterOutageError())

    assert (problem.status, problem.reason) == (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable")
    assert problem.response("id").headers["Retry-After"] == "5"


@pytest.mark.parametrize("error_class", ALL_ERRORS, ids=lambda each: each.__name__)
def test_every_error_of_the_service_is_a_problem(error_class: type[ServiceError]) -> None:
    error = error_class.__new__(error_class)
    ServiceError.__init__(error, "detail")

    body = json.loads(problem_of(error).response("id").body or "")

    assert body["status"] in {400, 403, 404, 409, 429, 500, 503}
    assert body["type"].endswith(error_class.reason.replace("_", "-"))
