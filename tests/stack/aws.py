"""The AWS of the stack's tests: ministack in a process of its own, on the loopback."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import boto3

from local.lambda_runtime import free_port
from local.terminal import CLEAR, is_terminal
from tests.factories import ROOT

REGION = "eu-central-1"
ACCOUNT = "123456789012"
ENVIRONMENT = ROOT / ".stack"
_START_SECONDS = 60
_Found = TypeVar("_Found")


class Aws:
    """A running AWS. ``environment`` is what its clients need."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self.log = log
        self.environment = {
            **_without_aws(),
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "NO_PROXY": "127.0.0.1",
        }

    def client(self, service: str) -> Any:
        """A client of one service, as the account's administrator."""
        make: Any = boto3.client
        return make(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@contextmanager
def running_aws(folder: Path) -> Iterator[Aws]:
    """Start it, with the functions held to their own roles; stop it at the end."""
    port, log = free_port(), folder / "aws.log"
    environment = {
        **_without_aws(),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        "NO_PROXY": "127.0.0.1",
        "TMPDIR": str(folder),
    }
    command = [str(ENVIRONMENT / "bin" / "python"), str(Path(__file__).with_name("patched_ministack.py"))]
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=written, stderr=written)
    aws = Aws(f"http://127.0.0.1:{port}", log)
    try:
        await_that(lambda: process.poll() is not None or _answers(aws), _START_SECONDS, "ministack answers")
        assert process.poll() is None, log.read_text()
        yield aws
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def await_that(find: Callable[[], _Found], seconds: float, what: str) -> _Found:
    """What ``find`` returns as soon as it is truthy; fails where that takes too long."""
    deadline, next_note = time.monotonic() + seconds, time.monotonic() + 3
    while not (found := find()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        if time.monotonic() > next_note:
            show(f"waiting until {what}")
            next_note += 10
        time.sleep(0.2)
    return found


def show(progress: str) -> None:
    """Write a line that pytest does not capture, in place of the running test's on a terminal."""
    stream = sys.__stderr__ or sys.stderr
    print(f"{CLEAR if is_terminal(stream) else ''}  {progress}"[:79], file=stream, flush=True)


def _answers(aws: Aws) -> bool:
    try:
        aws.client("sts").get_caller_identity()
    except Exception:  # noqa: BLE001, any failure means: not yet
        return False
    return True


def _without_aws() -> dict[str, str]:
    """The environment of this process without what would lead to another AWS, or to another make."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "MAKE", "MFLAGS", "ZEGO_", "MINISTACK_", "LAMBDA_"))
    }
    return {**kept, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
