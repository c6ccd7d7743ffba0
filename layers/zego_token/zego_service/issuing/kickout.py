"""ZEGO's server API KickoutUser, which removes a user who is in a room.

Source: https://www.zegocloud.com/docs/video-call/server/api-reference/room/remove-user-from-room
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from zego_service.punctual import PunctualSocket

MOST_SECONDS = 3.0  # for the whole call
_SIGNATURE_VERSION = "2.0"
_MAX_ANSWER_BYTES = 65_536


class KickoutError(Exception):
    """ZEGO did not remove the user; the message says why."""


def signature(app_id: int, nonce: str, secret: str, timestamp: int) -> str:
    """The signature of a call: MD5, in hexadecimal, of its four parts one after the other."""
    parts = f"{app_id}{nonce}{secret}{timestamp}"
    return hashlib.md5(parts.encode(), usedforsecurity=False).hexdigest()


def kick_out(
    server_api: str,
    app_id: int,
    secret: str,
    room_id: str,
    user_id: str,
    *,
    now: int,
    seconds: float = MOST_SECONDS,
) -> None:
    """Remove a user from a room, within ``seconds``, and three seconds at most.

    ``server_api`` is the base URL of ZEGO's server API, ``now`` the current Unix time. Raises
    :class:`KickoutError` where ZEGO cannot be reached, does not answer in time or refuses.
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
    code = _answer(server_api, f"/?{query}", min(seconds, MOST_SECONDS)).get("Code")
    if code != 0:
        shown = code if type(code) is int else "no code"
        raise KickoutError(f"ZEGO refused to remove the user ({shown})")


def _answer(server_api: str, target: str, seconds: float) -> Mapping[str, Any]:
    """The JSON object that a GET is answered with. No proxy is used and no redirect is followed."""
    try:
        answer = json.loads(_body(server_api, target, time.monotonic() + seconds))
    except (OSError, ValueError, HTTPException, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise KickoutError("ZEGO's server API cannot be reached")
    return answer


def _body(server_api: str, target: str, ends_at: float) -> bytes:
    server = urlsplit(server_api)
    connect = HTTPSConnection if server.scheme == "https" else HTTPConnection
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("there is no time left to ask ZEGO")
    connection = connect(server.hostname or "", server.port, timeout=left)
    try:
        connection.connect()
        left = ends_at - time.monotonic()
        connection.sock = PunctualSocket(connection.sock, left)
        connection.request("GET", target)
        response = connection.getresponse()
        if response.status != 200:
            raise OSError(f"the server answered {response.status}")
        return response.read(_MAX_ANSWER_BYTES)
    finally:
        connection.close()
