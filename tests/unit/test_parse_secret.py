"""What may be stored as a secret, and what the operator is told about anything else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import SECRET
from zego_service.errors import SecretMalformedError
from zego_service.secret_store import parse_secret

SPELLINGS = (
    *("server_secret", "ServerSecret", "serverSecret", "SERVER_SECRET"),
    *("zego_server_secret", "ZegoServerSecret", "zegoServerSecret", "ZEGO_SERVER_SECRET"),
)


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        SECRET + "\n",
        SECRET + "\r\n",
        f'{{"server_secret": "{SECRET}"}}',
        f'  {{"server_secret": "{SECRET}\\n", "app_id": 1}}\n',
        *(f'{{"{name}": "{SECRET}"}}' for name in SPELLINGS),
    ],
)
def test_a_secret_is_text_or_json(value: str) -> None:
    assert parse_secret(value) == SECRET


@pytest.mark.parametrize("value", ["=" * 32, "SECRET=" + "x" * 25, "x" * 30 + "==", "é" * 16])
def test_32_bytes_are_a_secret_whatever_they_look_like(value: str) -> None:
    assert parse_secret(value) == value


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
        (f'{{"secret": "{SECRET}", "app": 1}}', 'without the key "server_secret"; it has "secret", "app"'),
        (f'{{"{SECRET}": ""}}', "it has a key of 32 characters"),
        ("{}", "it has no keys"),
        (json.dumps(dict.fromkeys("abcdefghij")), '"h" and 2 more'),
        (
            f'{{"server_secret": "{SECRET}", "SERVER_SECRET": "{SECRET}"}}',
            "server_secret, SERVER_SECRET; keep one",
        ),
        (
            f'{{"server_secret": "{SECRET}", "server_secret": ""}}',
            "several secrets: server_secret, server_secret",
        ),
        (
            f'{{"ZegoServerSecret": "{SECRET}", "zego_server_secret": 1}}',
            "ZegoServerSecret, zego_server_secret",
        ),
        (f'{{"server_secret": ["{SECRET}"]}}', '"server_secret" in this JSON is not a string'),
        (f'{{"zego": {{"server_secret": "{SECRET}"}}}}', 'it has "zego"'),
        (f'"{SECRET}"', "quotation marks"),
        (f"'{SECRET}'\n", "quotation marks"),
        (f"\u201c{SECRET}\u201d", "quotation marks"),
        (f'"{SECRET[:30]}"', "quotation marks"),
        (f'{{"server_secret": "\\"{SECRET}\\""}}', "quotation marks"),
        (f"ZEGO_SERVER_SECRET={SECRET}", "KEY=value"),
        (f"export SECRET = {SECRET}", "KEY=value"),
        (f"server_secret: {SECRET}", "KEY=value"),
        (f"\ufeff{SECRET}", "byte order mark"),
        (f'\ufeff{{"server_secret": "{SECRET}"}}', "byte order mark"),
        (f"{SECRET}\u200b", "U+200B ZERO WIDTH SPACE"),
        (f"{SECRET[:16]}\u00ad{SECRET[16:]}", "U+00AD SOFT HYPHEN"),
        (f"{SECRET[:29]}\u200b", "U+200B ZERO WIDTH SPACE"),
        ("\0".join(SECRET), "U+0000 CONTROL CHARACTER"),
        (f'{{"server_secret": "{SECRET}"', "JSON"),
        ('{"a":' * 50_000, "JSON"),
        ('{"server_secret": ""}', "0 bytes long"),
        ('{"server_secret": "\\ud800"}', "U+D800"),
    ],
)
def test_the_fault_is_told(value: str | None, fault: str) -> None:
    with pytest.raises(SecretMalformedError) as malformed:
        parse_secret(value)

    assert fault in malformed.value.fault
    assert SECRET[:8] not in str(malformed.value) + malformed.value.fault


@given(st.text(min_size=4))
def test_any_other_text_is_malformed_and_not_shown(value: str) -> None:
    with pytest.raises(SecretMalformedError) as malformed:
        parse_secret(f"~{value}~" + "!" * 40)

    # Characters that no message has on its own, around a text that one may have.
    assert "~" not in malformed.value.fault
    assert "!" not in malformed.value.fault
