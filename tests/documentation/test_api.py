"""docs/api.md says what the OpenAPI document says."""

import re

from openapi.document import document
from openapi.reference import FILE, page
from tests.documentation.markdown import headings_of
from token_api.schemas import ALIASES
from zego_service.fields import LIMITS, MAX_ROOM_ID_BYTES
from zego_service.issuing.renewal import LEAST_SECONDS, LEAST_SECONDS_LEFT
from zego_service.streams import MAX_STREAM_ID_BYTES

TEXT = FILE.read_text(encoding="utf-8")
HAND_WRITTEN, _, ROUTES = TEXT.partition("## Routes")


def test_the_routes_are_what_the_command_writes() -> None:
    assert page(TEXT) == TEXT, "run `make openapi`"


def test_every_route_has_a_heading() -> None:
    routes = [heading for level, heading in headings_of("docs/api.md") if level == 3 and " /" in heading]

    assert routes == [
        f"{method.upper()} {path}"
        for path, operations in document()["paths"].items()
        for method in operations
    ]


def test_every_field_and_its_other_names_are_listed() -> None:
    schemas = document()["components"]["schemas"]
    requested = {
        name
        for schema in schemas.values()
        if "oneOf" not in schema and schema.get("type") == "object"
        for name in schema["properties"]
        if schema.get("title", "").startswith("A ")
    }

    assert requested | ALIASES.keys() <= set(re.findall(r"`(\w+)`", ROUTES))


def test_every_status_is_explained() -> None:
    explained = {
        status
        for row in re.findall(r"^\| ([\d, ]+) \|", HAND_WRITTEN, re.MULTILINE)
        for status in row.split(", ")
    }
    answered = {
        status
        for operations in document()["paths"].values()
        for operation in operations.values()
        for status in operation["responses"]
        if not status.startswith("2")
    }

    assert explained - {"405"} == answered


def test_its_limits_are_the_codes() -> None:
    zim = LIMITS["zim"].ttl_seconds or range(0)
    for phrase in (
        f"Room ids (at most {MAX_ROOM_ID_BYTES} bytes), stream ids ({MAX_STREAM_ID_BYTES})",
        f"`uikit` ({LIMITS['rtc'].user_id_bytes})",
        f"User ids for ZIM ({LIMITS['zim'].user_id_bytes} bytes)",
        f"at least {LEAST_SECONDS}, and at least {LEAST_SECONDS_LEFT} for a token from a grant",
        f"ZIM takes {zim[0]} to {zim[-1]}",
    ):
        assert phrase in HAND_WRITTEN
