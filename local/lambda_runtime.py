"""The built function under AWS's own runtime emulator and runtime client, without Docker.

The emulator is the binary that aws-sam-cli carries. The function runs with what the managed
runtime has (boto3 and awslambdaric, in .runtime), its layer, and nothing else of this machine.
"""

import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from local.aws import ENVIRONMENT
from local.build import ROOT

RUNTIME = ROOT / ".runtime"
INVOKE_PATH = "/2015-03-31/functions/function/invocations"
START_SECONDS = 10
INVOKE_SECONDS = 30
_without_proxy = build_opener(ProxyHandler({}))
_EMULATORS = {"x86_64": "aws-lambda-rie-x86_64", "aarch64": "aws-lambda-rie-arm64"}


class LambdaRuntime:
    """One running function."""

    def __init__(self, url: str) -> None:
        self.url = url

    def invoke(self, event: object) -> Any:
        """The function's answer to an event, or its error in Lambda's form."""
        request = Request(self.url, json.dumps(event).encode(), {"Content-Type": "application/json"})
        try:
            with _without_proxy.open(request, timeout=INVOKE_SECONDS) as answer:
                return json.load(answer)
        except HTTPError as failure:  # the function did not start
            return json.load(failure)


class Function(Enum):
    """A function of the template: the folder of its build, and its package."""

    TOKEN_API = "TokenApiFunction", "token_api"
    PROVISIONER = "ProvisionerFunction", "provisioner"

    @property
    def folder(self) -> str:
        return self.value[0]

    @property
    def package(self) -> str:
        return self.value[1]


@contextmanager
def lambda_runtime(
    build: Path, environment: Mapping[str, str], logs: IO[Any], function: Function = Function.TOKEN_API
) -> Iterator[LambdaRuntime]:
    """Run a function of a build; what it logs goes to ``logs``."""
    port, api_port = free_port(), free_port()
    command = [
        str(emulator()),
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{port}",
        "--runtime-api-address",
        f"127.0.0.1:{api_port}",
        sys.executable,
        "-S",  # without this machine's own packages
        "-m",
        "awslambdaric",
        f"{function.package}.app.lambda_handler",
    ]
    task = build / function.folder
    runtime = {**_environment(build, function), **environment}
    process = subprocess.Popen(command, cwd=task, env=runtime, stdout=logs, stderr=subprocess.STDOUT)
    try:
        _wait_until_open(port, process)
        yield LambdaRuntime(f"http://127.0.0.1:{port}{INVOKE_PATH}")
    finally:
        process.terminate()
        try:
            process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def emulator() -> Path:
    """The emulator's binary for this machine. Exits if there is none."""
    name = _EMULATORS.get(platform.machine())
    spec = find_spec("samcli")
    if platform.system() != "Linux" or name is None or spec is None or spec.origin is None:
        sys.exit("The runtime emulator needs Linux on x86_64 or arm64; elsewhere, use `sam local invoke`.")
    return Path(spec.origin).parent / "local" / "rapid" / name


def free_port() -> int:
    """A free port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(build: Path, function: Function) -> dict[str, str]:
    return {
        **ENVIRONMENT,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join((str(build / "ZegoTokenLayer" / "python"), str(RUNTIME))),
        "LAMBDA_TASK_ROOT": str(build / function.folder),
        "AWS_LAMBDA_FUNCTION_NAME": function.package,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
    }


def _wait_until_open(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit("The runtime emulator did not start.")
