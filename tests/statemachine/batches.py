"""How a Distributed Map puts its items into batches, and how large what it passes on may be.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html and
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

QUOTA = 262_144  # bytes of an input or an output
_NO_LIMIT = 10**9


def size(value: object) -> int:
    """The bytes of a value as JSON in UTF-8."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def child_inputs(
    items: Sequence[Any], limits: Mapping[str, Any], batch_input: object = None
) -> Iterator[dict[str, Any]]:
    """The input of each child: at most so many items, and at most so many bytes unless it is one item."""
    head = {} if batch_input is None else {"BatchInput": batch_input}
    most = limits.get("MaxItemsPerBatch", _NO_LIMIT)
    bound = limits.get("MaxInputBytesPerBatch", QUOTA)
    batch: list[Any] = []
    used = base = size({**head, "Items": []})
    for item in items:
        added = size(item) + 1  # its comma
        if batch and (len(batch) >= most or used + added > bound):
            yield {**head, "Items": batch}
            batch, used = [], base
        batch.append(item)
        used += added
    if batch:
        yield {**head, "Items": batch}
