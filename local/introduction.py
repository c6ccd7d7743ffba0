"""What `make run` prints before it serves: where, for whom, a request to try, and its answer."""

import ipaddress
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from local.access import is_loopback
from local.aws import ZegoApp
from local.terminal import WIDTH, bold, table
from zego_token import decode_token

SAMPLE: dict[str, Any] = {
    "user_id": "alice",
    "room_id": "demo",
    "privilege": {"login": True, "publish": True},
}
JSON_HEADER = "Content-Type: application/json"
EVENT = "events/room_scheduled.json"
_SHOWN_CHARACTERS = 16  # of a token: its version and expiry
_TIMES = ("issued_at", "expires_at", "refresh_after")
_DURATIONS = ("expires_in", "refresh_in")


def introduction(
    app: ZegoApp, url: str, events_path: str, callers: str, answer: Mapping[str, Any], jwts: Mapping[str, str]
) -> str:
    """The text, in lines of at most 80 columns.

    ``callers`` says who may use the API. ``jwts`` are JWTs by the names of shell variables: a user's, then a
    service's. There are none where no JWT is required.
    """
    user, service = [*jwts] or ["", ""]
    parts = {
        f"ZEGO token service on {url}": table({**_about(app), "callers": callers}),
        "JWTs to try, as variables for a shell": "\n".join(map(_assignment, jwts, jwts.values())),
        "Ask for a token": _indented(_curl(f"{url}/v1/tokens", user, _data(SAMPLE))),
        "The answer, as a table": table(_answered(answer)),
        "Inside the token, opened with the ServerSecret": table(_opened(answer["token"], app)),
        "Schedule a room": _indented(_curl(f"{url}{events_path}", service, [f"-d @{EVENT}"])),
    }
    return "\n\n".join(f"{bold(title, sys.stdout)}\n\n{text}" for title, text in parts.items() if text)


def callers(address: str, *, needs_jwt: bool) -> str:
    """Who may use the API, by the address that is bound."""
    if is_loopback(address):
        whom = "Programs on this machine"
    elif ipaddress.ip_address(address).is_unspecified:
        whom = "Everything that reaches any address of this machine"
    else:
        whom = f"Everything that reaches {address}"
    if needs_jwt:
        return f"{whom} with a JWT"
    return f"{whom}, as your backend: it gets tokens for any user. JWT=1 requires a JWT."


def _about(app: ZegoApp) -> dict[str, str]:
    if app.is_demo:
        whose, secret = "of the demo app, whose tokens join no real room", f"{app.secret}, which is public"
    else:
        whose, secret = "of your app", "read from ZEGO_SERVER_SECRET"
    return {"AppID": f"{app.app_id}, {whose}", "ServerSecret": secret}


def _answered(answer: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an answer. Its token is cut: a terminal's text is copied and recorded."""
    return {name: _value(name, value) for name, value in answer.items()}


def _value(name: str, value: Any) -> str:
    if name == "token":
        return f"{value[:_SHOWN_CHARACTERS]}… ({len(value)} characters)"
    if name in _TIMES:
        return f"{value}  {datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC"
    if name in _DURATIONS:
        return f"{value}  seconds"
    return value if isinstance(value, str) else json.dumps(value)


def _opened(token: str, app: ZegoApp) -> dict[str, str]:
    plaintext = json.loads(decode_token(token, app.secret).plaintext)
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in plaintext.items()}


def _assignment(name: str, jwt: str) -> str:
    """A shell's assignment over several lines, which can be pasted: a backslash joins the lines."""
    text = f"{name}={jwt}"
    room = WIDTH - 1
    return "\\\n".join(text[start : start + room] for start in range(0, len(text), room))


def _curl(url: str, jwt_name: str, options: Sequence[str]) -> list[str]:
    authorization = [f'-H "Authorization: Bearer ${jwt_name}"'] if jwt_name else []
    return [f"curl {url}", *authorization, f"-H {shlex.quote(JSON_HEADER)}", *options]


def _data(body: Mapping[str, Any]) -> list[str]:
    fields = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in body.items())
    return ["-d '{" + ",\n         ".join(fields) + "}'"]


def _indented(command: Sequence[str]) -> str:
    return "  " + " \\\n    ".join(command)
