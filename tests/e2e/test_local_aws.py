"""`make local-aws`: what `sam local invoke` would run with it, without Docker.

The variables are those that sam itself makes of the template and env.json. The function is the artifact for
this machine, under the runtime emulator.
"""

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from samcli.commands.local.lib.local_lambda import LocalLambdaRunner
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

from local.aws import DEMO_SECRET
from local.build import ROOT, build, container_platform
from local.lambda_runtime import Function, LambdaRuntime, lambda_runtime
from local.local_aws import endpoint
from tests.e2e.commands import Running, make, make_serve, too_long
from tests.e2e.conftest import needs_emulator
from tests.factories import sample_event
from tests.independent import open_token
from tests.room_requests import entry

ENV_FILE = ROOT / "env.json"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # which sam raises in itself


@contextmanager
def serving() -> Iterator[Running]:
    """The embedded AWS; a person's own env.json is put back."""
    before = ENV_FILE.read_bytes() if ENV_FILE.exists() else None
    try:
        with make_serve("local-aws") as running:
            yield running
    finally:
        if before is None:
            ENV_FILE.unlink(missing_ok=True)
        else:
            ENV_FILE.write_bytes(before)


def as_sam_sets_them(artifact: Path, function: Function) -> dict[str, str]:
    """The variables with which `sam local invoke --env-vars env.json` would start a function."""
    stacks, _ = SamLocalStackProvider.get_stacks(str(artifact / "template.yaml"))
    no_containers: Any = None
    runner = LocalLambdaRunner(
        local_runtime=no_containers,
        function_provider=SamFunctionProvider(stacks),
        cwd=str(artifact),
        real_path=str(artifact),
        aws_region="eu-central-1",
        env_vars_values=json.loads(ENV_FILE.read_text()),
    )
    config: Any = runner.get_invoke_config(runner.get_function(function.folder))
    variables: dict[str, str] = config.env_vars.resolve()
    return variables


@contextmanager
def invoked(function: Function, log: Path) -> Iterator[LambdaRuntime]:
    """A function that runs with these variables."""
    artifact = build()
    variables = as_sam_sets_them(artifact, function)
    with log.open("ab") as logs, lambda_runtime(artifact, variables, logs, function) as runtime:
        yield runtime


@pytest.mark.exploration
@needs_emulator
def test_the_functions_work_with_the_variables_of_env_json(tmp_path: Path) -> None:
    # given what `make local-aws` serves and writes
    with serving() as local_aws:
        variables = json.loads(ENV_FILE.read_text())["Parameters"]
        assert variables["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{local_aws.port}"
        # each of which sam passes on, since the template names it
        functions = [as_sam_sets_them(build(), function) for function in Function]
        assert all(function["AWS_ENDPOINT_URL"] == variables["AWS_ENDPOINT_URL"] for function in functions)
        for name, value in variables.items():
            assert value in {function.get(name) for function in functions}, name

        # when a room is scheduled, and tokens are asked for
        with invoked(Function.PROVISIONER, tmp_path / "log") as provisioner:
            outcome = provisioner.invoke(sample_event("room_scheduled"))
        with invoked(Function.TOKEN_API, tmp_path / "log") as token_api:
            issued = token_api.invoke(sample_event("http_api_token04_room"))
            entered = token_api.invoke(entry(room_id="maths-7b", user_id="alice"))

        # then the room is kept, and the tokens open with the served secret
        assert outcome == {"outcome": "applied", "provisioned": 3, "rejected": 0}
        for answer in (issued, entered):
            assert answer["statusCode"] == 200, answer
            token = json.loads(answer["body"])["token"]
            assert open_token(token, DEMO_SECRET).content["user_id"] == "alice"

        # and no web page reads the secret
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            assert local_aws.request("POST", "/", b"{}", headers)[0] == 403

        # and a person was told what to type
        assert too_long(local_aws.output) == []
        command = local_aws.output.partition("In a second terminal:")[2]
        assert f"--template .aws-sam/{container_platform()}/template.yaml" in command
        assert "--env-vars env.json" in command
        assert "--region eu-central-1" in command
        assert DEMO_SECRET not in local_aws.output + ENV_FILE.read_text()


@pytest.mark.exploration
def test_the_build_for_containers_is_for_this_machines_processor_and_awss_python() -> None:
    target = container_platform()
    folder = build(target)

    stacks, _ = SamLocalStackProvider.get_stacks(str(folder / "template.yaml"))
    assert {function.architecture for function in SamFunctionProvider(stacks).get_all()} == {target}
    libraries = list(folder.rglob("*.so"))
    machines = {struct.unpack("<H", library.read_bytes()[18:20])[0] for library in libraries}
    assert machines == {{"x86_64": 0x3E, "arm64": 0xB7}[target]}  # the ELF header's e_machine
    assert all("abi3" in library.name or "cpython-313" in library.name for library in libraries)


@pytest.mark.parametrize(
    ("host", "system", "url"),
    [
        ("127.0.0.1", "Linux", "http://127.0.0.1:5"),
        ("172.17.0.1", "Linux", "http://172.17.0.1:5"),
        ("127.0.0.1", "Darwin", "http://host.docker.internal:5"),
        ("192.168.1.7", "Darwin", "http://192.168.1.7:5"),
    ],
)
def test_containers_are_told_where_this_machine_is(host: str, system: str, url: str) -> None:
    assert endpoint(host, 5, system) == url


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("0.0.0.0", "ADDRESS=0.0.0.0 would open it to the network. Name one address, such as 172.17.0.1."),  # noqa: S104
        ("localhost", "ADDRESS=localhost must be an IPv4 address, such as 172.17.0.1."),
        ("203.0.113.9", "203.0.113.9 port 3000 cannot be used"),
    ],
)
def test_it_is_not_opened_to_the_network(address: str, message: str) -> None:
    done = make("local-aws", f"ADDRESS={address}", "PORT=3000")

    assert done.returncode != 0
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr
