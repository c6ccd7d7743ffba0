"""CORS, where no gateway answers for the function: behind REST APIs and function URLs.

An HTTP API has a CORS configuration of its own. It answers preflights itself, and drops CORS headers of the
function. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import CORSConfig

from token_api.gateway_events import Trigger, header_of

METHODS = ("DELETE", "GET", "POST")
# Powertools allows these anyway.
_USUAL_HEADERS = ("authorization", "content-type", "x-amz-date", "x-amz-security-token")
# What else SigV4 signs, what the AWS SDKs add, and what tracers add
# (W3C Trace Context and Baggage, Sentry, X-Ray).
_MORE_HEADERS = (
    "x-amz-content-sha256",
    "x-amz-user-agent",
    "x-amzn-trace-id",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "baggage",
    "sentry-trace",
    "traceparent",
    "tracestate",
)
ALLOWED_HEADERS = (*_USUAL_HEADERS, *_MORE_HEADERS)
EXPOSED_HEADERS = ("date", "retry-after")
MAX_AGE_SECONDS = 600


class Cors:
    """The answers to pages of these origins. Cookies are of no use here, so they are not allowed."""

    def __init__(self, origins: Sequence[str]) -> None:
        first, *others = origins
        self.config = CORSConfig(
            allow_origin=first,
            extra_origins=others,
            allow_headers=list(_MORE_HEADERS),
            expose_headers=list(EXPOSED_HEADERS),
            max_age=MAX_AGE_SECONDS,
        )

    def completed(self, answer: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
        """The answer with the headers for the page that asks, also where no resolver made it."""
        more = {**self.config.to_dict(origin_of(event)), "Vary": "Origin"}
        if "multiValueHeaders" in answer:
            lists = {name: [value] for name, value in more.items()}
            return {**answer, "multiValueHeaders": {**answer["multiValueHeaders"], **lists}}
        return {**answer, "headers": {**answer["headers"], **more}}


def origin_of(event: Mapping[str, Any]) -> str | None:
    """The origin of the page that asks, in lower case, as browsers write it."""
    origin = header_of(event, "origin")
    return None if origin is None else origin.lower()


def is_left_to_gateway(event: Mapping[str, Any], trigger: Trigger) -> bool:
    """Whether an HTTP API passed the event on, in either payload format."""
    return trigger is Trigger.HTTP_API or (trigger is Trigger.REST_API and event.get("version") == "1.0")
