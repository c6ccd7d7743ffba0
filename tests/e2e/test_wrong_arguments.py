"""Wrong variables of make's commands are explained in one line that names them, before anything is done."""

import pytest

from local.aws import ENVIRONMENT
from tests.e2e.commands import make, too_long

pytestmark = pytest.mark.exploration

NOT_A_SWITCH = "must be 1 (yes) or 0 (no)."


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("run PORT=abc", "PORT=abc must be a number from 0 to 65535."),
        ("run PORT=99999", "PORT=99999 must be a number from 0 to 65535."),
        ("run PORT=$(HOME)", "PORT=$(HOME) must be a number from 0 to 65535."),
        ("run JWT=maybe", f"JWT=maybe {NOT_A_SWITCH}"),
        ("local-aws PORT=abc", "PORT=abc must be a number from 0 to 65535."),
        ("provision", "Name a roster: make provision FILE=events/roster.csv"),
        ("provision FILE=events/roster.csv TOLERATED=abc", "TOLERATED=abc must be a number from 0 to 100."),
        ("provision FILE=events/roster.csv FORCE=maybe", f"FORCE=maybe {NOT_A_SWITCH}"),
        ("provision FILE=events/roster.csv APP_ID=abc", "APP_ID must be an integer from 1 to 4294967295."),
        ("provision FILE=none.csv", "none.csv: No such file or directory"),
        ("invoke", "Name an event: make invoke EVENT=events/http_api_token04_room.json"),
        ("invoke EVENT=none.json", "EVENT=none.json cannot be read: No such file or directory."),
        ("invoke EVENT=Makefile", "EVENT=Makefile must be a JSON file: Expecting value"),
        ("load SECONDS=abc", "SECONDS=abc must be a number from 1 to 86400."),
        ("load SECONDS=0", "SECONDS=0 must be a number from 1 to 86400."),
        ("deploy CONFIG=staging", "CONFIG=staging must be dev or prod."),
        ("deploy CONFIG=prod YES=maybe", f"YES=maybe {NOT_A_SWITCH}"),
        ("deploy APP_ID=abc", "APP_ID=abc must be a number from 1 to 4294967295."),
        ("help PYTHON=no-such", "PYTHON=no-such is not a program; name Python 3.11 or newer"),
    ],
)
def test_a_wrong_argument_is_explained(command: str, message: str) -> None:
    done = make(*command.split(), **ENVIRONMENT)

    assert done.returncode != 0
    assert done.stdout == ""
    assert message in done.stderr
    assert len([line for line in done.stderr.splitlines() if not line.startswith("make: ")]) <= 2
    assert "Traceback" not in done.stderr
    assert [line for line in too_long(done.stderr) if "make" not in line.lower()] == []


@pytest.mark.parametrize("off", ["JWT=0", "JWT=no"])
def test_a_switch_can_be_off(off: str) -> None:
    # given a port that cannot be used, so that the command ends
    done = make("run", off, "PORT=0", "HOST=203.0.113.1")

    assert "203.0.113.1 port 0 cannot be used" in done.stderr
