"""Rosters as text: good rows, bad ones and wide ones."""

import json
from typing import Any

from tests.provisioning_events import row_of

HEADER = "user_id,room_id,publish,stream_ids,starts_at,ends_at\n"
STREAM = 31  # bytes of a stream's id and its separator
MOST_STREAMS = 100


def row(number: int, *, good: bool = True, width: int = 0) -> dict[str, str]:
    """The cells of ``user-NUMBER``, whose streams have about ``width`` bytes."""
    streams = ";".join(f"stream-{index:03d}-".ljust(STREAM - 1, "x") for index in range(width // STREAM))
    publish = "true" if good else "perhaps"
    return row_of(f"user-{number}", publish=publish, stream_ids=streams)


def csv(*rows: dict[str, str]) -> str:
    columns = HEADER.strip().split(",")
    return HEADER + "".join(",".join(cells[name] for name in columns) + "\n" for cells in rows)


def jsonl(*rows: dict[str, str]) -> str:
    return "".join(f"{json.dumps(_typed(cells))}\n" for cells in rows)


def _typed(cells: dict[str, str]) -> dict[str, Any]:
    given = {name: cell for name, cell in cells.items() if cell}
    publish = {"true": True}.get(cells["publish"], cells["publish"])
    streams = {"stream_ids": cells["stream_ids"].split(";")} if cells["stream_ids"] else {}
    return {**given, "publish": publish, **streams}
