"""500 tokens by one request against 500 requests, in the function's CPU time, round by round."""

import io
import json
import os
import time
from contextlib import redirect_stdout

from moto import mock_aws

from benchmarks.report import Comparison, quartiles, save, show, show_comparisons
from benchmarks.variants import EVENT
from local.aws import DEMO_APP_ID, DEMO_SECRET, ZegoApp, create_table, store_secret, use_local_credentials
from local.gateway import Handler, LocalContext
from token_api import paths
from token_api.batch_routes import MAX_ITEMS
from zego_service.telemetry import logger

ROUNDS = 15
BATCH, REQUESTS = f"a batch of {MAX_ITEMS}", f"{MAX_ITEMS} requests"
GOAL = 0.5


def main() -> None:
    use_local_credentials()
    os.environ["ZEGO_DEFAULT_APP_ID"] = str(DEMO_APP_ID)
    logger.registered_handler.setStream(io.StringIO())  # type: ignore[attr-defined]
    with mock_aws(), redirect_stdout(io.StringIO()):
        store_secret(ZegoApp(DEMO_APP_ID, DEMO_SECRET))
        create_table()
        from token_api.app import lambda_handler

        found = _rounds(lambda_handler)
    rows = [(name, *(f"{value * 1e3:.0f}" for value in quartiles(times))) for name, times in found.items()]
    show(f"{MAX_ITEMS} tokens: CPU time", ("", "lower quartile, ms", "upper"), rows)
    ratio = quartiles(found[BATCH])[0] / quartiles(found[REQUESTS])[0]
    comparisons = [Comparison(f"{MAX_ITEMS} tokens, a batch", REQUESTS, ratio, GOAL)]
    show_comparisons(comparisons)
    save("batches", found, comparisons)


def _rounds(handler: Handler) -> dict[str, list[float]]:
    """CPU seconds of each way, in turns, every other round backwards. The first round only warms up."""
    single = json.loads(EVENT.read_text(encoding="utf-8"))
    fields = json.loads(single["body"])
    items = [{"user_id": f"user-{number}"} for number in range(MAX_ITEMS)]
    batch = {
        **single,
        "rawPath": paths.BATCH,
        "routeKey": f"POST {paths.BATCH}",
        "body": json.dumps({**fields, "items": items}),
    }
    works = {BATCH: (batch, 1), REQUESTS: (single, MAX_ITEMS)}
    found: dict[str, list[float]] = {name: [] for name in works}
    for number in range(ROUNDS + 1):
        for name in [*works][:: 1 if number % 2 else -1]:
            event, calls = works[name]
            started = time.process_time()
            for _ in range(calls):
                answer = handler(event, LocalContext())
            found[name].append(time.process_time() - started)
            if answer["statusCode"] != 200:
                raise SystemExit(f"{name} answered {answer}")
    return {name: times[1:] for name, times in found.items()}


if __name__ == "__main__":
    main()
