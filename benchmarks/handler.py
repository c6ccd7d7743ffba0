"""What a request costs: the start of the built function, part by part, and a warm request."""

import io
import json
import os
import subprocess
import sys
import time
from contextlib import redirect_stdout

from moto import mock_aws

from local.aws import DEMO_APP_ID, DEMO_SECRET, ZegoApp, store_secret, use_local_credentials
from local.build import ROOT, build
from local.gateway import LocalContext
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


def main() -> None:
    use_local_credentials()
    _cold()
    _warm()


def _cold() -> None:
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
        print(f"cold: {name:24}{(seconds - alone) * 1e3:8.0f} ms{(seconds - alone) / whole:8.2f} ×")


def _warm() -> None:
    os.environ["ZEGO_DEFAULT_APP_ID"] = str(DEMO_APP_ID)
    event = json.loads((ROOT / "events" / "http_api_token04_room.json").read_text())
    logger.registered_handler.setStream(io.StringIO())  # type: ignore[attr-defined]
    with mock_aws(), redirect_stdout(io.StringIO()):
        store_secret(ZegoApp(DEMO_APP_ID, DEMO_SECRET))
        from token_api.app import lambda_handler

        lambda_handler(event, LocalContext())
        times = []
        for _ in range(WARM_CALLS):
            started = time.perf_counter()
            lambda_handler(event, LocalContext())
            times.append(time.perf_counter() - started)
    times.sort()
    middle, late = times[len(times) // 2], times[len(times) * 99 // 100]
    print(f"warm: a request takes {middle * 1e6:.0f} µs (median), {late * 1e6:.0f} µs (99 of 100)")


if __name__ == "__main__":
    main()
