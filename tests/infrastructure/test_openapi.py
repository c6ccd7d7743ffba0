"""The API's document says what the code and the template do."""

from typing import Any
from unittest.mock import MagicMock

import pytest

from openapi.document import FILE, document, text
from tests.infrastructure.cloudformation import transformed
from token_api import paths
from token_api.handler import create_handler
from token_api.responses import Routes
from zego_service.settings import Settings


def test_it_has_the_routes_that_the_function_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    register, answered = Routes.route, set[tuple[str, str]]()

    def route(self: Routes, rule: str, method: Any, *rest: Any, **options: Any) -> Any:
        answered.add((method, rule))
        return register(self, rule, method, *rest, **options)

    monkeypatch.setattr(Routes, "route", route)
    create_handler(MagicMock(settings=Settings()))
    described = {
        (method.upper(), path.replace("{", "<").replace("}", ">"))
        for path, operations in document()["paths"].items()
        for method in operations
    }

    assert answered == described
    assert {*paths.ALL} == {rule for _, rule in answered}


def test_the_document_is_the_codes_own() -> None:
    assert FILE.read_text() == text(), "run `make openapi`"


def test_it_has_the_routes_that_are_deployed_and_closes_what_is_closed() -> None:
    routes = {
        resource["Properties"]["RouteKey"]: resource["Properties"]["AuthorizationType"]
        for resource in transformed().values()
        if resource["Type"] == "AWS::ApiGatewayV2::Route"
    }
    described = {
        f"{method.upper()} {path}": "NONE" if operation.get("security") == [] else "AWS_IAM"
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    }

    assert described == routes
