"""Which streams a token may let its user publish."""

import pytest

from tests.factories import SECRET
from tests.parsing import accepts, refusal
from zego_service.streams import parse_stream_ids
from zego_token import generate_token04, room_payload


@pytest.mark.parametrize(
    "stream_ids",
    [("s",), ("x" * 255,), ("s",) * 100, ("demo_alice@example.org_main",), ("-",), ("s1", "s2", "s1")],
)
def test_streams_that_express_would_accept(stream_ids: tuple[str, ...]) -> None:
    assert parse_stream_ids(list(stream_ids)) == stream_ids


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("x" * 256, "must be at most 255 bytes of UTF-8, not 256"),
        ("a b", "must not contain U+0020 SPACE; ZEGO takes "),
        ("ü", 'must not contain "ü" (U+00FC); '),
        ("s\n", "must not contain U+000A "),
        ("a/b", 'must not contain "/"; '),
        ("", "must not be empty"),
        (5, "must be a non-empty string, not a number"),
        (None, "must be a non-empty string, not null"),
    ],
)
def test_one_bad_stream_id_is_enough(bad: object, reason: str) -> None:
    for stream_ids in ((bad,), ("s1", bad), (bad, "s1")):
        refused = refusal(parse_stream_ids, list(stream_ids))

        assert refused.field == "stream_ids"
        assert refused.detail.startswith(f"a stream id {reason}")


@pytest.mark.parametrize("count", [101, 102, 1000])
def test_more_streams_than_100_are_refused(count: int) -> None:
    refused = refusal(parse_stream_ids, ["s"] * count)

    assert refused.field == "stream_ids"
    assert refused.detail == f"stream_ids must have at most 100 entries, not {count}"


@pytest.mark.parametrize(("count", "taken"), [(25, True), (26, False)])
def test_as_many_backslashes_are_taken_as_surely_fit_into_a_token(count: int, taken: bool) -> None:
    stream_ids = ["\\" * 255] * count

    assert accepts(parse_stream_ids, stream_ids) is taken
    if taken:
        payload = room_payload("\\" * 127, stream_ids=stream_ids)
        assert generate_token04(1, "\\" * 63, SECRET, 60, payload)


@pytest.mark.parametrize(("value", "found"), [("", "an empty string"), ("s1", "a string"), ({}, "an object")])
def test_streams_are_a_list_with_something_in_it(value: object, found: str) -> None:
    assert refusal(parse_stream_ids, value).detail == (
        f"stream_ids must be a list, or null for any stream, not {found}"
    )
    assert refusal(parse_stream_ids, []).detail == (
        'stream_ids must not be empty, which ZEGO reads as "no check"; null stands for any stream'
    )
