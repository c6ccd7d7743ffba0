"""The running API does what its OpenAPI document says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.e2e.commands import make_run
from tests.factories import ROOT

HOOKS = "tests.e2e.openapi_hooks"
CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = str(settings().max_examples // 20)


@pytest.mark.exploration
@pytest.mark.parametrize("phases", [("Fuzzing", "Stateful"), ("Coverage",)])
def test_the_running_api_keeps_to_its_document(phases: tuple[str, ...], tmp_path: Path) -> None:
    # given the API as a stack with a JWT issuer has it, and a caller who may do everything
    with make_run("JWT=1") as running:
        jwt = running.jwt("BACKEND_JWT")
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {jwt}"}
        for name in ("room_scheduled", "tokens_requested"):
            event = (ROOT / "events" / f"{name}.json").read_bytes()
            assert running.request("POST", "/local/events", event, headers)[0] == 200

        # when Schemathesis has sent it what the document allows, and what it does not allow
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(CONFIG)),
            "run",
            f"http://127.0.0.1:{running.port}/openapi.json",
            *("--phases", ",".join(phases).lower()),
            *("--checks", "all"),
            *("--header", f"Authorization: Bearer {jwt}"),
            *("--max-examples", EXAMPLES),
            "--continue-on-failure",
            *(["--seed", "1"] if settings().derandomize else []),
        ]
        paths = [ROOT, ROOT / "functions", ROOT / "layers" / "zego_token"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**environment, "SCHEMATHESIS_HOOKS": HOOKS, "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            check=False,
        )

    # then it found nothing
    assert done.returncode == 0, done.stdout + done.stderr
    if "Fuzzing" in phases:  # which finds what was provisioned
        assert "repeatedly returned 404" not in done.stdout
    for phase in phases:
        assert re.search(rf"✅ +{phase}", done.stdout), done.stdout
