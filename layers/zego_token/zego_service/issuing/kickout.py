"""ZEGO's server API KickoutUser, which removes a user who is in a room.

Source: https://www.zegocloud.com/docs/video-call/server/api-reference/room/remove-user-from-room
"""

import hashlib
import json
import os
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

TIMEOUT_SECONDS = 3
_SIGNATURE_VERSION = "2.0"
_MAX_ANSWER_BYTES = 65_536


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow none: the signature is for ZEGO alone."""


_open = build_opener(ProxyHandler({}), _NoRedirects()).open


class KickoutError(Exception):
    """ZEGO did not remove the user; the message says why."""


def signature(app_id: int, nonce: str, secret: str, timestamp: int) -> str:
    """The signature of a call: MD5, in hexadecimal, of its four parts one after the other."""
    parts = f"{app_id}{nonce}{secret}{timestamp}"
    return hashlib.md5(parts.encode(), usedforsecurity=False).hexdigest()


def kick_out(server_api: str, app_id: int, secret: str, room_id: str, user_id: str, *, now: int) -> None:
    """Remove a user from a room. Give up where the server sends nothing for three seconds.

    ``server_api`` is the base URL of ZEGO's server API, ``now`` the current Unix time. Raises
    :class:`KickoutError` where ZEGO cannot be reached or refuses.
    """
    nonce = os.urandom(8).hex()
    query = urlencode(
        {
            "Action": "KickoutUser",
            "AppId": app_id,
            "SignatureNonce": nonce,
            "Timestamp": now,
            "Signature": signature(app_id, nonce, secret, now),
            "SignatureVersion": _SIGNATURE_VERSION,
            "RoomId": room_id,
            "UserId[]": user_id,
        }
    )
    code = _answer(f"{server_api}/?{query}").get("Code")
    if code != 0:
        shown = code if type(code) is int else "no code"
        raise KickoutError(f"ZEGO refused to remove the user ({shown})")


def _answer(url: str) -> Mapping[str, Any]:
    try:
        with _open(url, timeout=TIMEOUT_SECONDS) as response:
            answer = json.loads(response.read(_MAX_ANSWER_BYTES))
    except (OSError, ValueError, HTTPException, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise KickoutError("ZEGO's server API cannot be reached")
    return answer
