"""The API's own paths, and where they begin in the path of a request.

In front of them may be a stage, a base path, an API mapping or the resources of another API. HTTP APIs have
decoded the path, in both payload formats; REST APIs and function URLs pass it on as it came. Sources:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html and, by
captures of events, https://github.com/hotsock/voker/pull/8
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

TOKENS = "/v1/tokens"
INSPECT = "/v1/tokens/inspect"
BATCH = "/v1/tokens/batch"
ROOM_TOKENS = "/v1/rooms/<room_id>/tokens"
ROOM_GRANTS = "/v1/rooms/<room_id>/grants"
PROVISIONED = "/v1/provisioned/<request_id>/<user_id>"
REVOCATIONS = "/v1/revocations"
HEALTH = "/v1/health"
OPENAPI = "/openapi.json"
ALL = (TOKENS, INSPECT, BATCH, ROOM_TOKENS, ROOM_GRANTS, PROVISIONED, REVOCATIONS, HEALTH, OPENAPI)

_Segments = tuple[str, ...]


def _segments(path: str) -> _Segments:
    """The parts of a path. Slashes that are doubled or at the end part nothing."""
    return tuple(segment for segment in path.split("/") if segment)


# The longest first: a room's name may be v1, and then the end of its path looks like a shorter one.
_RULES = sorted(map(_segments, ALL), key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class GatewayPath:
    """What a gateway says of a path. ``route`` is the one that it matched, such as ``/zego/{proxy+}``."""

    path: str
    route: str
    parameters: Mapping[str, Any]
    is_decoded: bool

    @property
    def own(self) -> str:
        """The API's own path. Each parameter is percent-encoded, so that it is one segment.

        It begins where the matched route says. If that route does not say, the end of the path is compared
        with the API's paths. A path that is none of them is returned whole.
        """
        given, rule = _segments(self.path), _rule_of(self.route)
        if self.is_decoded and rule is not None and _has_parameters(rule):
            # Only the parameters tell which decoded slash is whose.
            filled = self._filled(rule)
            if filled is not None:
                return self._joined(filled)
        if rule is None or not _ends_with(given, rule):
            rule = next((each for each in _RULES if _ends_with(given, each)), given)
        return self._joined(given[len(given) - len(rule) :])

    def _filled(self, rule: _Segments) -> _Segments | None:
        """The matched route's segments with their parameters; None where one of them is missing."""
        route = _segments(self.route)[-len(rule) :]
        filled = tuple(self.parameters.get(part[1:-1]) if _is_template(part) else part for part in route)
        return filled if all(isinstance(part, str) and part for part in filled) else None  # type: ignore[return-value]

    def _joined(self, segments: Sequence[str]) -> str:
        safe = "" if self.is_decoded else "%"
        return "/" + "/".join(quote(segment, safe=safe, errors="surrogatepass") for segment in segments)


@lru_cache(maxsize=32)  # more than there are routes of an API
def _rule_of(route: str) -> _Segments | None:
    """The path that a gateway's route is for."""
    segments = _segments(route)
    return next((rule for rule in _RULES if _ends_with(segments, rule, are_templates=True)), None)


def _ends_with(segments: _Segments, rule: _Segments, *, are_templates: bool = False) -> bool:
    """Whether the segments of a path, or of a gateway's route, end as a rule does."""
    if len(segments) < len(rule):
        return False
    pairs = zip(segments[len(segments) - len(rule) :], rule, strict=True)
    return all(
        not part.endswith("+}")
        if _is_parameter(wanted) and are_templates
        else _is_parameter(wanted) or part == wanted
        for part, wanted in pairs
    )


def _has_parameters(rule: _Segments) -> bool:
    return any(map(_is_parameter, rule))


def _is_parameter(segment: str) -> bool:
    return segment.startswith("<")


def _is_template(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")
