"""`make bench`: runs the benchmarks one after the other, each in a process of its own.

OFFICIAL names a checkout of zegoim/zego_server_assistant, whose generators then run beside ours.
"""

import os
import subprocess
import sys

from benchmarks.generators import checkout_of
from local.arguments import stopping
from local.terminal import bold, interruptible, step

PARTS = {
    "cold": "Cold starts",
    "warm": "Warm requests",
    "tokens": "Tokens",
    "handler": "A start and a request, part by part",
    "batches": "Tokens in one request, against one request each",
    "checks": "What the checks of a request add",
    "provisioning": "Grants",
}


def main() -> None:
    with stopping():
        checkout_of(os.environ)  # before the parts that take minutes
    for number, (module, title) in enumerate(PARTS.items(), start=1):
        heading = f"{number} of {len(PARTS)}: {title}"
        with step(heading):
            done = subprocess.run(
                [sys.executable, "-m", f"benchmarks.{module}"], stdout=subprocess.PIPE, text=True, check=False
            )
        if done.returncode:
            sys.exit(f"{done.stdout}{heading}: failed")
        print(f"\n{bold(heading, sys.stdout)}\n{done.stdout.rstrip()}\n", flush=True)


if __name__ == "__main__":
    interruptible(main)
