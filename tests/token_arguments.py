"""Arguments of the generators."""

from typing import Any

from tests.factories import APP_ID, SECRET
from zego_token import Cipher

NOW = 1_795_262_400

Arguments = dict[str, Any]
TOKEN04: Arguments = {
    "app_id": APP_ID,
    "user_id": "alice",
    "secret": SECRET,
    "effective_time_in_seconds": 3600,
    "payload": "",
}
TOKEN03: Arguments = {
    "app_id": APP_ID,
    "room_id": "demo",
    "user_id": "alice",
    "privilege": {1: 1, 2: 0},
    "secret": SECRET,
    "effective_time_in_seconds": 3600,
}


def seam(cipher: Cipher) -> Arguments:
    """Time, nonce and IV of the known tokens."""
    return {"now": NOW, "nonce": 7, "iv": bytes(range(cipher.iv_bytes))}
