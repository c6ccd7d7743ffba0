"""The part of UIKit's kit token after '#': base64 of JSON, not signed."""

import json
from base64 import b64decode
from typing import Any

from zego_token.diagnosis.contents import Content
from zego_token.diagnosis.findings import Finding, finding, shown


def kit_findings(kit_part: str, content: Content | None, room_id: str | None) -> list[Finding]:
    """Where the kit part contradicts the token, or the room that the client joins."""
    kit = _read(kit_part)
    if kit is None:
        return [finding("kit-part-unreadable")]
    pairs: list[tuple[str, Any, Any]] = [("roomID", kit.get("roomID"), room_id)]
    if content is not None:
        pairs += [
            ("userID", kit.get("userID"), content.user_id),
            ("appID", kit.get("appID"), content.app_id),
        ]
    return [
        finding("kit-part-differs", name=name, inside=_shown(inside), outside=_shown(outside))
        for name, inside, outside in pairs
        if outside is not None and (type(inside) is not type(outside) or inside != outside)
    ]


def _read(kit_part: str) -> dict[str, Any] | None:
    try:
        kit = json.loads(b64decode(kit_part, validate=True))
    except (ValueError, RecursionError):
        return None
    return kit if isinstance(kit, dict) else None


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return shown(text)
