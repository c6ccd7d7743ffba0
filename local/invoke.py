"""`make invoke EVENT=…`: what `sam local invoke` does, without Docker, against an embedded AWS.

An event of API Gateway goes to the token API, any other to the provisioner. The function's answer goes
to standard output, its logs to standard error.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from moto.server import ThreadedMotoServer

from local.arguments import shown
from local.aws import SAMPLE_ROLE, create_stack, create_table, store_secret, use_local_credentials, zego_app
from local.build import build
from local.lambda_runtime import Function, lambda_runtime
from local.terminal import interruptible


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops the emulator too
    event = _event(os.environ.get("EVENT", "").strip())
    app = zego_app(os.environ)
    use_local_credentials()
    aws = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    aws.start()
    try:
        _, port = aws.get_host_and_port()
        url = f"http://127.0.0.1:{port}"
        store_secret(app, url)
        create_table(url)
        create_stack(url)
        environment = {
            "AWS_ENDPOINT_URL": url,
            "ZEGO_DEFAULT_APP_ID": str(app.app_id),
            "ZEGO_SERVICE_ROLES": SAMPLE_ROLE,
        }
        with lambda_runtime(build(), environment, sys.stderr, _function_of(event)) as function:
            answer = function.invoke(event)
    finally:
        aws.stop()
    print(json.dumps(answer))
    if isinstance(answer, dict) and "errorType" in answer:
        sys.exit(1)


def _function_of(event: object) -> Function:
    """The function that takes events of this form."""
    is_http = isinstance(event, dict) and "requestContext" in event
    return Function.TOKEN_API if is_http else Function.PROVISIONER


def _event(file: str) -> Any:
    if not file:
        sys.exit("Name an event: make invoke EVENT=events/http_api_token04_room.json")
    try:
        return json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        sys.exit(f"EVENT={shown(file)} cannot be read: {error.strerror}.")
    except ValueError as error:
        sys.exit(f"EVENT={shown(file)} must be a JSON file: {error}.")


if __name__ == "__main__":
    interruptible(main)
