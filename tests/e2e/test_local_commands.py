"""`make run` and `make invoke`, as a person types them."""

import json
import re
import socket
import subprocess
from http.client import HTTPConnection

import pytest

from local.aws import DEMO_APP_ID, DEMO_SECRET
from tests.e2e.commands import make, make_run, too_long
from tests.e2e.conftest import needs_emulator
from tests.factories import HEALTH, OTHER_SECRET, ROOT
from tests.independent import open_token

REAL_APP = {"ZEGO_APP_ID": "987654321", "ZEGO_SERVER_SECRET": OTHER_SECRET}


def test_make_run_shows_a_request_and_its_token_and_serves() -> None:
    with make_run() as running:
        # it printed what fits a terminal, and a command that works
        assert too_long(running.output) == []
        command = running.output.partition("Ask for a token\n\n")[2].partition("\n\n")[0]
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
        assert open_token(json.loads(done.stdout)["token"], DEMO_SECRET).content["user_id"] == "alice"

        # it serves
        status, answer = running.request("POST", "/v1/tokens", b'{"user_id":"bob","room_id":"demo"}')
        assert status == 200
        assert open_token(answer["token"], DEMO_SECRET).content["user_id"] == "bob"
        assert running.request("GET", "/v1/health") == (200, HEALTH)
        assert running.request("POST", "/v1/tokens", b"\xff\xfe")[0] == 400
        assert running.request("GET", "/nowhere")[0] == 404

        # it stops at Ctrl-C, and has written a line for each request, with the reason of those refused
        running.stop()
        assert running.output.endswith("\nStopped.\n")
        assert "  200  POST /v1/tokens\n" in running.output
        assert "  404  GET /nowhere  there is no such route\n" in running.output
        assert "Traceback" not in running.output


def test_make_run_takes_a_real_apps_credentials_and_shows_neither_the_secret_nor_a_whole_token() -> None:
    with make_run(**REAL_APP) as running:
        _, answer = running.request("POST", "/v1/tokens", b'{"user_id":"bob"}')

        assert open_token(answer["token"], OTHER_SECRET).content["app_id"] == 987654321
        assert OTHER_SECRET not in running.output
        assert re.search(r"^  token +04\S{14}… ", running.output, re.MULTILINE)
        assert not re.search(r"04[A-Za-z0-9+/=]{40}", running.output)


def test_make_run_binds_another_address_and_says_what_that_opens() -> None:
    with make_run(HOST="127.0.0.2", HOSTS="dev.example.com", CORS="https://app.example.com") as running:
        assert f"curl http://127.0.0.2:{running.port}/v1/tokens" in running.output
        assert "gets tokens for any user" in " ".join(running.output.split())

        connection = HTTPConnection("127.0.0.2", running.port, timeout=10)
        connection.request("GET", "/v1/health", headers={"Host": "dev.example.com"})
        assert connection.getresponse().status == 200
        connection.close()
        connection.request("GET", "/v1/health", headers={"Host": "evil.example"})
        assert connection.getresponse().status == 403


@pytest.mark.exploration
@pytest.mark.parametrize(
    ("variable", "value"), [("HOST", "203.0.113.1"), ("HOSTS", "http://x"), ("CORS", "app.example.com")]
)
def test_make_run_says_which_address_or_name_it_cannot_use(variable: str, value: str) -> None:
    done = make("run", PORT="0", **{variable: value})

    assert done.returncode != 0
    assert value in done.stderr
    assert "Traceback" not in done.stderr


def test_make_run_can_ask_for_a_jwt() -> None:
    with make_run("JWT=1") as running:
        of_alice, of_service = running.jwt("USER_JWT"), running.jwt("BACKEND_JWT")
        assert too_long(running.output) == []

        def status(jwt: str, user_id: str) -> int:
            body = json.dumps({"user_id": user_id, "room_id": "demo"}).encode()
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {jwt}"}
            return running.request("POST", "/v1/tokens", body, headers)[0]

        # a user gets its own tokens, a service anybody's, and nobody without a JWT that is whole
        assert status(of_alice, "alice") == 200
        assert status(of_alice, "bob") == 403
        assert status(of_service, "bob") == 200
        assert status(of_alice[:-5], "alice") == 401
        assert running.request("POST", "/v1/tokens", b"{}") == (401, {"message": "Unauthorized"})
        assert running.request("GET", "/v1/health")[0] == 200


def test_make_run_says_when_the_port_is_busy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]

        done = make("run", PORT=str(port))

    assert done.returncode != 0
    assert f"Port {port} cannot be used" in done.stderr
    assert f"make run PORT={port + 1}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"ZEGO_APP_ID": "1"}, "Set both"),
        ({"ZEGO_APP_ID": "x", "ZEGO_SERVER_SECRET": OTHER_SECRET}, "ZEGO_APP_ID: app_id must be"),
        ({"ZEGO_APP_ID": "1", "ZEGO_SERVER_SECRET": OTHER_SECRET * 2}, "AppSign"),
        ({"ZEGO_APP_ID": "1", "ZEGO_SERVER_SECRET": "short"}, "5 bytes long"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        ("run",),
        pytest.param(("invoke", "EVENT=events/http_api_token04_room.json"), marks=pytest.mark.exploration),
    ],
)
def test_wrong_credentials_are_explained(
    command: tuple[str, ...], variables: dict[str, str], message: str
) -> None:
    done = make(*command, **variables, PORT="0")

    assert done.returncode != 0
    assert message in done.stderr
    assert OTHER_SECRET not in done.stdout + done.stderr


@needs_emulator
@pytest.mark.parametrize(
    ("variables", "app_id", "secret"),
    [
        ({}, DEMO_APP_ID, DEMO_SECRET),
        pytest.param(REAL_APP, 987654321, OTHER_SECRET, marks=pytest.mark.exploration),
    ],
)
def test_make_invoke_prints_the_functions_answer(variables: dict[str, str], app_id: int, secret: str) -> None:
    done = make("invoke", "EVENT=events/http_api_token04_room.json", **variables)

    assert done.returncode == 0, done.stderr
    answer = json.loads(json.loads(done.stdout)["body"])
    assert open_token(answer["token"], secret).content["app_id"] == app_id
    assert '"message":"token decision"' in done.stderr
    assert secret not in done.stdout + done.stderr


@pytest.mark.exploration
@needs_emulator
@pytest.mark.parametrize(
    ("event", "answer"),
    [
        ("room_scheduled", {"outcome": "applied", "provisioned": 3, "rejected": 0}),
        ("sqs_room_scheduled", {"batchItemFailures": []}),
        ("roster_batch", {"granted": 2, "rejected": 1}),
    ],
)
def test_make_invoke_takes_the_provisioners_events_too(event: str, answer: dict[str, object]) -> None:
    done = make("invoke", f"EVENT=events/{event}.json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == answer


def test_make_run_goes_from_a_scheduled_room_to_a_token() -> None:
    event = (ROOT / "events" / "room_scheduled.json").read_bytes()
    with make_run() as running:
        assert running.request("POST", "/local/events", event) == (
            200,
            {"outcome": "applied", "provisioned": 3, "rejected": 0},
        )
        status, answer = running.request("POST", "/v1/rooms/maths-7b/tokens", b'{"user_id":"bob"}')

        assert status == 200
        payload = json.loads(open_token(answer["token"], DEMO_SECRET).content["payload"])
        assert payload == {
            "room_id": "maths-7b",
            "privilege": {"1": 1, "2": 0},
            "stream_id_list": None,
        }
        assert running.request("POST", "/v1/rooms/maths-7b/tokens", b'{"user_id":"eve"}')[0] == 403


@pytest.mark.exploration
@pytest.mark.parametrize("event", ["", "events/none.json", "Makefile"])
def test_make_invoke_says_which_event_it_needs(event: str) -> None:
    done = make("invoke", f"EVENT={event}")

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert event in done.stderr or "Name an event" in done.stderr


def test_make_help_lists_the_commands() -> None:
    done = make("help")

    assert {"run", "test", "lint", "invoke", "build", "deploy", "setup"} <= {
        line.split()[0] for line in done.stdout.splitlines()
    }
