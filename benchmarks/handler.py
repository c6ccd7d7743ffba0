"""What a request costs: the start of the built function, part by part, and a warm request."""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

from moto import mock_aws

from benchmarks.report import show
from local.aws import DEMO_APP_ID, DEMO_SECRET, ZegoApp, create_table, store_secret, use_local_credentials
from local.build import ROOT, build
from local.gateway import Handler, LocalContext
from local.lambda_runtime import RUNTIME
from zego_service.telemetry import logger

COLD_ROUNDS = 9
WARM_CALLS = 2_000
PARTS = {
    "Python alone": "pass",
    "boto3": "import boto3",
    "boto3 and its client": "import boto3; boto3.client('secretsmanager', region_name='eu-central-1')",
    "Powertools": "import aws_lambda_powertools.event_handler, aws_lambda_powertools.metrics",
    "cryptography (GCM)": "from cryptography.hazmat.primitives.ciphers.aead import AESGCM",
    "pycryptodome (CBC)": "from Crypto.Cipher import AES",
    "the function": "import token_api.app",
}


_MANY_NAMES = ",".join(f'"{number:x}":0' for number in range(7_000))
WORST_BODIES = {
    "7,000 names, the last one twice": "{" + _MANY_NAMES + ',"1b57":0}',
    "65,000 nested lists": "[" * 65_000,
    "100,000 nested lists": "[" * 100_000,
    "a number of 65,000 digits": '{"user_id":"alice","app_id":' + "9" * 65_000 + "}",
    "a number of 100,000 digits": '{"user_id":"alice","app_id":' + "9" * 100_000 + "}",
    "a body of 1 MB": " " * 2**20,
}


def main() -> None:
    use_local_credentials()
    show("Imports of a cold start, each in a process of its own", ("", "ms", "ratio"), _imports())
    show("Warm requests", ("", "ms", "99 of 100, ms"), _in_process())


def _imports() -> Iterator[tuple[str, str, str]]:
    """Whole processes in turns, with what the managed runtime and the layer hold; the best of each."""
    built = build()
    paths = (built / "TokenApiFunction", built / "ZegoTokenLayer" / "python", RUNTIME)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    best = dict.fromkeys(PARTS, float("inf"))
    for _ in range(COLD_ROUNDS):
        for name, code in PARTS.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, "-S", "-c", code], env=environment, check=True)
            best[name] = min(best[name], time.perf_counter() - started)
    alone = best.pop("Python alone")
    whole = best["the function"] - alone
    for name, seconds in best.items():
        yield name, f"{(seconds - alone) * 1e3:.0f}", f"{(seconds - alone) / whole:.2f}"


def _in_process() -> list[tuple[str, str, str]]:
    """Requests in this process; what they log and count is thrown away."""
    os.environ["ZEGO_DEFAULT_APP_ID"] = str(DEMO_APP_ID)
    logger.registered_handler.setStream(io.StringIO())  # type: ignore[attr-defined]
    with mock_aws(), redirect_stdout(io.StringIO()):
        store_secret(ZegoApp(DEMO_APP_ID, DEMO_SECRET))
        create_table()
        from token_api.app import lambda_handler

        event = json.loads((ROOT / "events" / "http_api_token04_room.json").read_text())
        rows = [_row("a token", _times(lambda_handler, event))]
        for name, body in WORST_BODIES.items():
            rows.append(_row(f"refused: {name}", _times(lambda_handler, event | {"body": body}, calls=20)))
        return rows


def _row(name: str, times: list[float]) -> tuple[str, str, str]:
    return name, _milliseconds(times, 50), _milliseconds(times, 99)


def _times(handler: Handler, event: dict[str, Any], calls: int = WARM_CALLS) -> list[float]:
    times = []
    for _ in range(calls + 1):
        started = time.perf_counter()
        handler(event, LocalContext())
        times.append(time.perf_counter() - started)
    return sorted(times[1:])  # the first one reads the secret


def _milliseconds(times: list[float], percent: int) -> str:
    return f"{times[len(times) * percent // 100] * 1e3:.2f}"


if __name__ == "__main__":
    main()
