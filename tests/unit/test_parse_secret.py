"""What may be stored as a secret, and what the operator is told about anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import SECRET
from zego_service.errors import SecretMalformedError
from zego_service.secret_store import parse_secret


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        SECRET + "\n",
        SECRET + "\r\n",
        f'{{"server_secret": "{SECRET}"}}',
        f'  {{"server_secret": "{SECRET}\\n", "app_id": 1}}\n',
    ],
)
def test_a_secret_is_text_or_json(value: str) -> None:
    assert parse_secret(value) == SECRET


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (None, "binary"),
        ("", "0 bytes long"),
        (SECRET[:31], "31 bytes long"),
        (SECRET + "x", "33 bytes long"),
        (SECRET * 2, "AppSign"),
        (SECRET[:32] + " ", "white space"),
        (" " + SECRET, "white space"),
        (SECRET + "\n\n", "white space"),
        (" " + SECRET[1:], "white space"),
        ("é" * 32, "64 bytes long"),
        ("é" * 64, "AppSign"),
        ("é" * 31, "62 bytes long"),
        (f'{{"serverSecret": "{SECRET}"}}', "JSON"),
        (f'{{"server_secret": ["{SECRET}"]}}', "JSON"),
        (f'{{"server_secret": "{SECRET}"', "JSON"),
        ('{"a":' * 50_000, "JSON"),
        ('{"server_secret": ""}', "0 bytes long"),
        ('{"server_secret": "\\ud800"}', "3 bytes long"),
    ],
)
def test_the_fault_is_told(value: str | None, fault: str) -> None:
    with pytest.raises(SecretMalformedError) as malformed:
        parse_secret(value)

    assert fault in malformed.value.fault
    assert SECRET not in str(malformed.value) + malformed.value.fault


@given(st.text(min_size=4))
def test_any_other_text_is_malformed_and_not_shown(value: str) -> None:
    with pytest.raises(SecretMalformedError) as malformed:
        parse_secret(value + "!" * 40)

    assert value not in malformed.value.fault
