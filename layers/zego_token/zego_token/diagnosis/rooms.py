"""The room of a token: the payload of a token04, the members of a token03."""

import json
from typing import Any

from zego_token.diagnosis.contents import Content
from zego_token.diagnosis.findings import Finding, finding, kind_of, shown
from zego_token.diagnosis.ids import are_stream_ids, room_id_findings
from zego_token.wire import VERSION_03


def room_findings(content: Content, room_id: str | None) -> list[Finding]:
    """What is wrong with a token's room; ``room_id`` is the one that the client joins, if it is known."""
    if content.version == VERSION_03:
        return _of_room(content.room, room_id, is_payload=False)
    payload = content.room
    if isinstance(payload, dict | list):
        return [
            finding("payload-is-object", found=kind_of(payload)),
            *(_of_room(payload, room_id) if isinstance(payload, dict) else []),
        ]
    if not isinstance(payload, str):
        return [
            finding("member-invalid", (1002075,), name="payload", found=kind_of(payload), expected="a string")
        ]
    if not payload:
        return _without_room(room_id)
    return _of_payload(payload, room_id)


def _of_payload(payload: str, room_id: str | None) -> list[Finding]:
    try:
        room = json.loads(payload)
    except (ValueError, RecursionError):
        return [finding("payload-not-json")]
    if isinstance(room, str):
        return [finding("payload-encoded-twice")]
    if not isinstance(room, dict) or not {"room_id", "privilege", "stream_id_list"} & room.keys():
        return _without_room(room_id)
    return _of_room(room, room_id)


def _without_room(room_id: str | None) -> list[Finding]:
    return [] if room_id is None else [finding("no-room-payload")]


def _of_room(room: dict[str, Any], room_id: str | None, *, is_payload: bool = True) -> list[Finding]:
    return [
        *_id_findings(room, room_id, is_payload=is_payload),
        *_privilege_findings(room),
        *_stream_findings(room),
    ]


def _id_findings(room: dict[str, Any], room_id: str | None, *, is_payload: bool) -> list[Finding]:
    inside = room.get("room_id")
    if type(inside) is not str:
        # That of a token03 was judged with the other members.
        if not is_payload:
            return []
        name, codes = "room_id of the payload", (1000002007,)
        if "room_id" not in room:
            return [finding("member-missing", codes, name=name, hint="")]
        return [finding("member-invalid", codes, name=name, found=kind_of(inside), expected="a string")]
    findings = room_id_findings(inside)
    if room_id is not None and inside != room_id:
        findings.append(finding("other-room", inside=shown(inside), outside=shown(room_id)))
    return findings


def _privilege_findings(room: dict[str, Any]) -> list[Finding]:
    privilege = room.get("privilege")
    if not isinstance(privilege, dict) or not {"1", "2"} <= privilege.keys():
        return [finding("privilege-invalid")]
    login, publish = privilege["1"], privilege["2"]
    if any(type(value) is not int or value not in (0, 1) for value in (login, publish)):
        return [finding("privilege-invalid")]
    denied = [("login-denied", login), ("publish-denied", publish)]
    return [finding(code) for code, allowed in denied if not allowed]


def _stream_findings(room: dict[str, Any]) -> list[Finding]:
    streams = room.get("stream_id_list")
    if streams is None:
        return []
    if not isinstance(streams, list):
        name, expected = "stream_id_list", "a list, or null for any stream"
        return [finding("member-invalid", name=name, found=kind_of(streams), expected=expected)]
    if not streams:
        return [finding("empty-stream-list")]
    return [] if are_stream_ids(streams) else [finding("stream-id-refused")]
