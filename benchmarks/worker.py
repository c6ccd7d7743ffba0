"""One handler in a process of its own, called as often as it is told: `python -m worker HANDLER EVENT`.

Each line of the input is a number of calls. For each line it answers with the CPU seconds that they took, all
threads together. What the handler itself prints goes nowhere.
"""

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

SAMPLED = "Parent=53995c3f42cd8ad8;Sampled=1"  # as Lambda says it of a request that is traced
REQUEST_ID = "4f3c1d5e-5c6b-4f43-a4d7-3f6f4d1a2b3c"


class Context:
    """What handlers ask of Lambda's context object."""

    function_name = "token-api"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:token-api"
    aws_request_id = REQUEST_ID

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 60_000


def main() -> None:
    name, event_file = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ["_X_AMZN_TRACE_ID"] = f"Root=1-5759e988-bd862e3fe1be46a994272793;{SAMPLED}"
    module, _, attribute = name.rpartition(".")
    handler: Any = getattr(import_module(module), attribute)
    event = json.loads(Path(event_file).read_text(encoding="utf-8"))
    context = Context()
    for line in sys.stdin:
        started = time.process_time()
        for _ in range(int(line)):
            answer = handler(event, context)
        print(time.process_time() - started, file=answers, flush=True)
        if answer["statusCode"] != 200:
            raise SystemExit(f"{name} answered {answer}")


if __name__ == "__main__":
    main()
