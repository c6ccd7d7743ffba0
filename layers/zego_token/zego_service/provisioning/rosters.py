"""Rosters: tables of grants, a row for each user and room, as people make them with a spreadsheet.

CSV has the columns of :mod:`zego_service.provisioning.roster_cells`, JSON Lines has the same names.
The user, the room and the window are needed; ``login`` is true and ``publish`` is false unless the row says
otherwise.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from zego_service.apps import configured_app
from zego_service.errors import InvalidRequestError
from zego_service.fields import LATEST, parse_room_id
from zego_service.names import required
from zego_service.provisioning.bad_rows import BadRow
from zego_service.provisioning.rooms import (
    ROSTER_SECONDS,
    RoomKey,
    RosterEntry,
    parse_participant,
    parse_window,
)
from zego_service.provisioning.roster_cells import cells_of, is_blank, shown_ids
from zego_service.settings import Settings
from zego_service.streams import UIKIT_STREAMS

FORMATS = ("csv", "jsonl")
NAME_RULE = "the name of a roster must end in .csv or .jsonl"
HEADER_ROW = 1
STREAM_SEPARATOR = ";"
_OF_ROOM = ("room_id", "starts_at", "ends_at")
_FIRST_ROW = {"csv": HEADER_ROW + 1, "jsonl": 1}
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_EARLIEST = 946_684_800  # the year 2000; what is earlier is a spreadsheet's day, or a date without dashes
_WHOLE_SECONDS = re.compile(rf"([0-9]{{1,{len(str(LATEST))}}})(\.0+)?")
_DAYS = re.compile(r"[0-9]{1,6}([.,][0-9]{1,20})?")
_MAX_SHOWN = 24
# What spreadsheets make of ids.
_DAMAGED = (
    (re.compile("'.*"), "it begins with an apostrophe, which spreadsheets put before text; remove it"),
    (re.compile('=".*"'), "it is a formula (=…); write its value alone"),
    (
        re.compile(r"[+-]?[0-9]+([.,][0-9]+)?[eE][+-][0-9]+"),
        "a spreadsheet shortened this number; format the column as text and enter the ids again",
    ),
    (re.compile(r"#([A-Z0-9/]+[!?]|N/A|#+)"), "it is an error that a spreadsheet shows, and not an id"),
)
_UIKIT_CELL = f"{UIKIT_STREAMS}:*"  # with a colon, it is no stream id
_WITH_POINT = re.compile(r"[0-9]+\.0+")


def format_of(name: str) -> str | None:
    """The format that a file name or key ends in, in small letters or capitals; None without one."""
    return next((known for known in FORMATS if name.lower().endswith(f".{known}")), None)


def row_number(index: int, file_format: str) -> int:
    """The number of the row that is ``index`` after the first one."""
    return index + _FIRST_ROW[file_format]


def parse_row(row: int, record: object, uploaded_at: int, settings: Settings) -> RosterEntry | BadRow | None:
    """The grant of one record of a roster, which was uploaded at a Unix time, or what is wrong with it.

    None for a blank row, which counts as no row at all.
    """
    if is_blank(record):
        return None
    try:
        entry = _entry(row, _typed(cells_of(record)), settings)
        if entry.window.ends_at > uploaded_at + ROSTER_SECONDS:
            days = ROSTER_SECONDS // 86_400
            raise InvalidRequestError(f"ends_at must be within {days} days of the upload", "ends_at")
        return entry
    except InvalidRequestError as error:
        return BadRow(row, error.field or "row", str(error), *shown_ids(record))


class Doubts:
    """What is granted, but was perhaps not meant. One object sees the rows of one roster, in their order."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, int]] = {}

    def about(self, entry: RosterEntry) -> Iterator[BadRow]:
        """The warnings about a good row."""
        user_id, room_id = entry.participant.user_id, entry.key.room_id
        for name, value in (("user_id", user_id), ("room_id", room_id)):
            if _WITH_POINT.fullmatch(value):
                reason = f"{name} looks like a number that was written with a point; is this the id?"
                yield BadRow(entry.row, name, reason, user_id, room_id)
        rows = self._rows.setdefault(room_id, {})
        if user_id in rows:
            reason = f"row {rows[user_id]} has the same user and room; only the last such row counts"
            yield BadRow(entry.row, "user_id", reason, user_id, room_id)
        rows[user_id] = entry.row


def _entry(row: int, cells: dict[str, Any], settings: Settings) -> RosterEntry:
    window = parse_window(cells)
    for name, seconds in (("starts_at", window.starts_at), ("ends_at", window.ends_at)):
        if seconds < _EARLIEST:
            raise _no_time(name)
    for name in ("room_id", "user_id"):
        _check_undamaged(name, cells.get(name))
    key = RoomKey(configured_app(None, settings), parse_room_id(required(cells, "room_id")))
    about_user = {name: cell for name, cell in cells.items() if name not in _OF_ROOM}
    return RosterEntry(row, key, parse_participant(about_user, key.room_id), window)


def _typed(cells: Mapping[str, Any]) -> dict[str, Any]:
    """The cells as JSON would have them."""
    return {
        column: _TYPES[column](column, cell) if isinstance(cell, str) and column in _TYPES else cell
        for column, cell in cells.items()
    }


def _boolean(column: str, text: str) -> bool:
    flag = _BOOLEANS.get(text.lower())
    if flag is None:
        found = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
        raise InvalidRequestError(f'{column} must be true or false, yes or no, 1 or 0, not "{found}"', column)
    return flag


def _time(column: str, text: str) -> Any:
    seconds = _WHOLE_SECONDS.fullmatch(text)
    if seconds is None and _DAYS.fullmatch(text):
        raise _no_time(column)
    return text if seconds is None else int(seconds[1])


def _no_time(column: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"{column} is before the year 2000: a spreadsheet's number of a day, or a date without dashes? "
        "Write times such as 2026-12-01T09:00:00+01:00",
        column,
    )


def _streams(column: str, text: str) -> list[str] | str:
    if text == _UIKIT_CELL:
        return UIKIT_STREAMS
    streams = [stream_id.strip() for stream_id in text.split(STREAM_SEPARATOR)]
    for stream_id in streams:
        _check_undamaged(column, stream_id)
    return streams


_TYPES = {
    "login": _boolean,
    "publish": _boolean,
    "stream_ids": _streams,
    "starts_at": _time,
    "ends_at": _time,
}


def _check_undamaged(column: str, text: object) -> None:
    """Refuse an id of which a spreadsheet made something else."""
    for form, reason in _DAMAGED:
        if isinstance(text, str) and form.fullmatch(text):
            raise InvalidRequestError(f"{column} is not an id: {reason}", column)
