"""Other people's corpora against the project; see docs/testing.md. Run by `make test-corpora` alone."""

import json
import os
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from tests.api import Answer, Api
from tests.factories import APP_ID, TRIGGERS, FakeContext, token_event
from tests.integration.conftest import api, secrets_manager, settings
from zego_token.ciphers import Cipher, decrypt, encrypt

CORPORA = Path(os.environ["CORPORA"])
STRINGS = json.loads((CORPORA / "naughty_strings.json").read_text(encoding="utf-8"))
FIELDS: list[dict[str, Any]] = [
    {"user_id": "{}"},
    {"room_id": "{}"},
    {"payload": "{}"},
    {"room_id": "demo", "stream_ids": ["{}"]},
    {"version": "{}"},
    {"product": "{}"},
    {"app_id": "{}"},
    {"effective_time_in_seconds": "{}"},
    {"{}": 1},
]

__all__ = ["api", "secrets_manager", "settings"]


@pytest.fixture
def aws_client() -> str:
    """No request is made differently by the small client."""
    return "boto3"


def put(node: Any, text: str) -> Any:
    """The fields with the text in the place that is marked."""
    if isinstance(node, dict):
        return {put(key, text): put(value, text) for key, value in node.items()}
    if isinstance(node, list):
        return [put(value, text) for value in node]
    return text if node == "{}" else node


@pytest.mark.parametrize("path", sorted((CORPORA / "json").iterdir()), ids=lambda path: path.name)
def test_json_bodies(api: Api, path: Path) -> None:
    event = token_event(body="") | {
        "body": b64encode(path.read_bytes()).decode(),
        "isBase64Encoded": True,
    }

    answer = api(event)

    assert answer.status in (400, 413)
    assert answer.json["field"] is not None


@pytest.mark.parametrize("fields", FIELDS, ids=str)
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_naughty_strings(api: Api, trigger: str, fields: dict[str, Any]) -> None:
    for text in STRINGS:
        answer = api(token_event(trigger, put(fields, text)))

        assert answer.status in (200, 400), text
        if answer.status == 200:
            assert answer.json["app_id"] == APP_ID
        else:
            assert "field" in answer.json


@pytest.mark.parametrize("path", sorted((CORPORA / "aws-events").iterdir()), ids=lambda path: path.name)
def test_events_of_other_services(api: Api, path: Path) -> None:
    answer = Answer(api._handler(json.loads(path.read_text()), FakeContext()))

    assert answer.status in (401, 404)


@pytest.mark.parametrize(
    ("cipher", "name", "iv_bits"),
    [(Cipher.GCM, "wycheproof_aes_gcm.json", 96), (Cipher.CBC, "wycheproof_aes_cbc_pkcs5.json", 128)],
)
def test_wycheproof(cipher: Cipher, name: str, iv_bits: int) -> None:
    tested = 0
    for group in json.loads((CORPORA / name).read_text())["testGroups"]:
        if (group["keySize"], group["ivSize"]) != (256, iv_bits):
            continue
        for vector in group["tests"]:
            if vector.get("aad"):
                continue
            key, iv, plaintext = (bytes.fromhex(vector[part]) for part in ("key", "iv", "msg"))
            sealed = bytes.fromhex(vector["ct"] + vector.get("tag", ""))
            tested += 1
            if vector["result"] == "valid":
                assert encrypt(cipher, key, iv, plaintext) == sealed, vector
                assert decrypt(cipher, key, iv, sealed) == plaintext, vector
            else:
                assert decrypt(cipher, key, iv, sealed) is None, vector
    assert tested > 30
