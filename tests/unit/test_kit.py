"""Kit tokens are those of UIKit's own generator, byte for byte."""

import json
from base64 import b64decode
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import ROOT
from zego_token import MAX_APP_ID, TokenError, kit_token

VECTORS = json.loads((ROOT / "tests/vectors/uikit_kit_tokens.json").read_text())
ARGUMENTS: dict[str, Any] = {
    "token": "04TOKEN==",
    "room_id": "demo",
    "user_id": "alice",
    "user_name": "Alice",
    "app_id": 1234567890,
}
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: ascii(vector["user_name"][:20]))
def test_it_is_what_uikit_generates(vector: dict[str, Any]) -> None:
    assert kit_token(**{name: vector[name] for name in ARGUMENTS}) == vector["kit_token"]


@pytest.mark.parametrize("vector", VECTORS["non_latin_ids"], ids=lambda vector: ascii(vector["user_id"]))
def test_ids_that_uikits_generator_cannot_write_are_read_by_uikit(vector: dict[str, Any]) -> None:
    assert kit_token(**{name: vector[name] for name in ARGUMENTS}) == vector["kit_token"]


@given(room_id=texts, user_id=texts, user_name=texts | st.just(""), app_id=st.integers(1, MAX_APP_ID))
def test_it_is_read_back_as_uikit_does(room_id: str, user_id: str, user_name: str, app_id: int) -> None:
    token, _, rest = kit_token("04TOKEN==", room_id, user_id, user_name, app_id).partition("#")

    read = json.loads(b64decode(rest, validate=True).decode("latin-1"))
    assert token == "04TOKEN=="
    assert list(read) == ["userID", "roomID", "userName", "appID"]
    assert (read["userID"], read["roomID"], read["appID"]) == (user_id, room_id, app_id)
    assert unquote(read["userName"], errors="strict") == user_name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("token", ""),
        ("token", None),
        ("token", "04TOKEN==#e30="),
        ("room_id", ""),
        ("user_id", 7),
        ("user_id", "\ud83e"),
        ("user_name", None),
        ("user_name", "half \ud83e"),
        ("app_id", "1234567890"),
        ("app_id", 0),
    ],
)
def test_other_arguments_are_refused(field: str, value: object) -> None:
    with pytest.raises(TokenError) as refused:
        kit_token(**{**ARGUMENTS, field: value})

    assert refused.value.field == field
    assert str(value) not in str(refused.value) or not value
