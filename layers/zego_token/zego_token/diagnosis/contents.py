"""The decrypted content of a token: its members, and whom they are for."""

import json
from dataclasses import dataclass
from typing import Any

from zego_token.checks import MAX_APP_ID
from zego_token.diagnosis.findings import Finding, finding, kind_of
from zego_token.wire import VERSION_03, VERSION_04

_APP_ID = f"an integer from 1 to {MAX_APP_ID}"
_TEXT, _TIME = "a string", "an integer number of Unix seconds"
_MAX_NONCE = {VERSION_03: 2**63 - 1, VERSION_04: 2**31 - 1}
_NONCE = {VERSION_03: "an integer below 2**63", VERSION_04: "an integer below 2**31"}
# The members of each version. UIKit's test tokens have no payload, which is allowed.
MEMBERS: dict[str, dict[str, str]] = {
    VERSION_04: {
        "app_id": _APP_ID,
        "user_id": _TEXT,
        "nonce": _NONCE[VERSION_04],
        "ctime": _TIME,
        "expire": _TIME,
    },
    VERSION_03: {
        "app_id": _APP_ID,
        "room_id": _TEXT,
        "user_id": _TEXT,
        "privilege": "a map",
        "create_time": _TIME,
        "expire_time": _TIME,
        "nonce": _NONCE[VERSION_03],
    },
}
# The codes that an SDK has for one member.
_CODES = {
    "app_id": (1002076, 1000002004),
    "user_id": (1002077, 1000002006),
    "room_id": (1000002007,),
    "nonce": (1002080, 1000002003),
    "expire": (1002078, 1000002010),
    "expire_time": (1002078, 1000002010),
    "privilege": (1000002009,),
}


@dataclass(frozen=True, slots=True)
class Content:
    """What could be read; None where a member is missing or wrong."""

    version: str
    app_id: int | None
    user_id: str | None
    created_at: int | None
    expires_at: int | None
    # Of a token03 these are its own members; of a token04, its payload's.
    room: Any


def read_content(plaintext: bytes, version: str) -> tuple[Content | None, list[Finding]]:
    """The members of a token, and what is wrong with them."""
    try:
        members = json.loads(plaintext.decode())
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        return None, [finding("content-not-json")]
    written = _version_of(members, version)
    findings = [] if written == version else [finding("version-differs", outside=version, inside=written)]
    findings += [found for name in MEMBERS[written] for found in _member_findings(members, name, written)]
    wrong = {name for name in MEMBERS[written] if _problem(members, name, written) is not None}
    good = {name: None if name in wrong else members[name] for name in MEMBERS[written]}
    is_old = written == VERSION_03
    room = members if is_old else members.get("payload", "")
    return (
        Content(
            version=written,
            app_id=good["app_id"],
            user_id=good["user_id"],
            created_at=good["create_time" if is_old else "ctime"],
            expires_at=good["expire_time" if is_old else "expire"],
            room=room,
        ),
        findings,
    )


def _version_of(members: dict[str, Any], version: str) -> str:
    """The version whose members these are; in doubt, the given one."""
    of_03 = {"create_time", "expire_time", "room_id", "privilege"} & members.keys()
    of_04 = {"ctime", "expire", "payload"} & members.keys()
    if bool(of_03) == bool(of_04):
        return version
    return VERSION_03 if of_03 else VERSION_04


def _member_findings(members: dict[str, Any], name: str, version: str) -> list[Finding]:
    if name not in members:
        alike = next((other for other in members if _bare(other) == _bare(name)), None)
        hint = "" if alike is None else f", which has {_bare_name(alike)} instead"
        return [finding("member-missing", _CODES.get(name, ()), name=name, hint=hint)]
    problem = _problem(members, name, version)
    if problem is None:
        return []
    expected = MEMBERS[version][name]
    return [finding("member-invalid", _CODES.get(name, ()), name=name, found=problem, expected=expected)]


def _bare(name: str) -> str:
    return name[:32].replace("_", "").lower()


def _bare_name(name: str) -> str:
    return repr(name[:32])


def _problem(members: dict[str, Any], name: str, version: str) -> str | None:
    """What a member is, where it is wrong; None where it is right."""
    if name not in members:
        return "missing"
    value = members[name]
    if name in ("user_id", "room_id"):
        return None if type(value) is str else kind_of(value)
    if name == "privilege":
        return None  # judged with the room
    if type(value) is not int:
        return kind_of(value)
    if name == "app_id":
        return None if 1 <= value <= MAX_APP_ID else "out of range"
    limit = _MAX_NONCE[version] if name == "nonce" else 2**63 - 1
    return None if -limit <= value <= limit else "out of range"
