"""The API's document says what the code and the template do."""

from openapi.document import FILE, document, text
from tests.infrastructure.cloudformation import transformed


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
