"""The API's description, for callers and their tools."""

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler import Response, content_types

from token_api.responses import Routes, authenticated

if TYPE_CHECKING:
    from zego_service.settings import Settings

# Made ahead of time, by `make openapi`.
_DOCUMENT = Path(__file__).with_name("openapi.json")


def documentation_routes(settings: "Settings") -> Routes:
    """The route of the OpenAPI document."""
    routes = Routes()

    @routes.get("/openapi.json")
    def openapi() -> "Response[str]":
        authenticated(routes.event, settings.user_id_claim)
        return Response(
            status_code=HTTPStatus.OK.value,
            content_type=content_types.APPLICATION_JSON,
            body=_DOCUMENT.read_text(),
        )

    return routes
