"""Ids that ZEGO's SDKs refuse."""

import re

from zego_token.checks import SDK_ID_CLASS
from zego_token.diagnosis.findings import Finding, finding, shown

MAX_USER_ID_BYTES = {"rtc": 63, "uikit": 63, "zim": 32}
_MAX_ROOM_ID_BYTES = 127
_FOREIGN = re.compile(SDK_ID_CLASS.replace("[", "[^", 1))
_STREAM_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")


def user_id_findings(user_id: str, product: str) -> list[Finding]:
    """What the SDK of a product has against a user id."""
    return _findings("user", user_id, MAX_USER_ID_BYTES[product], product)


def room_id_findings(room_id: str) -> list[Finding]:
    """What Express has against a room id."""
    return _findings("room", room_id, _MAX_ROOM_ID_BYTES, "rtc")


def are_stream_ids(stream_ids: list[object]) -> bool:
    """Whether all of them are stream ids that all SDKs take."""
    return all(isinstance(each, str) and _STREAM_ID.fullmatch(each) for each in stream_ids)


def _findings(kind: str, value: str, most: int, product: str) -> list[Finding]:
    if not value:
        return [finding(f"{kind}-id-empty")]
    findings = []
    size = len(value.encode("utf-8", "surrogatepass"))
    if size > most:
        findings.append(finding(f"{kind}-id-too-long", size=size, most=most, product=_NAMES[product]))
    foreign = _FOREIGN.search(value) if product != "zim" else None
    if foreign is not None:
        findings.append(finding(f"{kind}-id-refused", found=shown(value), character=_named(foreign[0])))
    return findings


_NAMES = {"rtc": "Express", "uikit": "UIKit", "zim": "ZIM"}


def _named(character: str) -> str:
    if character == " ":
        return "a space"
    return repr(character) if character.isascii() else f"{character!r}, which is not ASCII"
