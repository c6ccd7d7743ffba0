"""`--api`: a deployed service makes and inspects tokens instead."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request as Sent

import boto3
import pytest
from moto import mock_aws
from werkzeug.wrappers import Request, Response

from tests.cli.conftest import Command
from tests.cli.serving import json_answer, service
from tests.factories import APP_ID, SECRET
from tests.independent import open_token
from tests.loopback import served
from zego_cli import service as service_module
from zego_cli.service import Answer, service_at
from zego_token import Cipher, generate_token04, room_payload

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """The options for a service that takes the JWT."""
    jwt = tmp_path / "jwt"
    jwt.write_text(f"{JWT}\n")
    with mock_aws():
        boto3.client("secretsmanager").create_secret(Name=f"zego/{APP_ID}", SecretString=SECRET)
        with service(signed_by="Authorization") as url:
            yield "--api", url, "--jwt-file", str(jwt)


def test_create(command: Command, api: tuple[str, ...]) -> None:
    ended = command("create", "alice", "--room", "demo", "--publish", *api)

    content = open_token(ended.out.strip(), SECRET).content
    assert (ended.status, content["user_id"]) == (0, "alice")
    assert json.loads(content["payload"])["privilege"] == {"1": 1, "2": 1}


def test_a_kit_token(command: Command, api: tuple[str, ...]) -> None:
    made = json.loads(
        command("create", "alice", "--room", "demo", "--kit", "--name", "Al", "--json", *api).out
    )

    assert made["kit_token"].startswith(f"{made['token']}#")


def test_a_refusal_is_told(command: Command, api: tuple[str, ...]) -> None:
    too_long = command("create", "alice", "--ttl", "400d", *api)
    anonymous = command("create", "alice", *api[:2])

    assert (too_long.status, too_long.out, "longest-validity" in too_long.err) == (4, "", True)
    assert (anonymous.status, "401" in anonymous.err) == (4, True)
    assert JWT not in too_long.err


def test_batch(command: Command, api: tuple[str, ...], tmp_path: Path) -> None:
    seats = tmp_path / "seats.csv"
    seats.write_text("user_id,room_id,ttl\nalice,demo,\nbob,demo,400d\n")

    ended = command("batch", str(seats), *api)

    assert (ended.status, len(ended.out.splitlines())) == (1, 2)
    assert "row 3: " in ended.err
    assert "longest-validity" in ended.err


def test_batch_asks_for_500_by_one_request(command: Command, tmp_path: Path) -> None:
    # given: a service that takes 300 at once, and has no time for the last of them
    asked: list[int] = []

    def answer(request: Request) -> Response:
        items = request.get_json()["items"]
        asked.append(len(items))
        if len(items) > 300:
            return json_answer({"detail": "send fewer"}, 413)
        late = {"status": 503, "problem": {"type": "urn:x:out-of-time", "detail": "no time"}}
        results = [{"status": 200, "token": f"04{item['user_id']}", "app_id": APP_ID, "expires_at": 9}
                   for item in items]  # fmt: skip
        return json_answer({"results": results if len(items) == 1 else [*results[:-1], late]})

    seats = tmp_path / "seats.csv"
    seats.write_text("user_id\n" + "".join(f"u{number}\n" for number in range(501)))

    # when
    with served(Request.application(answer)) as url:
        ended = command("batch", str(seats), "--api", url)

    # then: each row has its own token
    assert (ended.status, asked) == (0, [500, 250, 1, 250, 1, 1])
    rows = [line.split(",") for line in ended.out.splitlines()[1:]]
    assert [token for _, token, _ in rows] == [f"04{user}" for user, _, _ in rows]
    assert len(rows) == 501


def test_a_batch_that_is_refused_as_a_whole_ends_the_command(
    command: Command, api: tuple[str, ...], tmp_path: Path
) -> None:
    seats = tmp_path / "seats.csv"
    seats.write_text("user_id\nalice\n")
    odd = [{"results": []}, {"results": [5]}, {"results": {}}, {}]

    anonymous = command("batch", str(seats), *api[:2])

    assert (anonymous.status, "401" in anonymous.err) == (4, True)
    for content in odd:
        with served(always(json_answer(content))) as url:
            ended = command("batch", str(seats), "--api", url)
        assert (ended.status, ended.err.count("\n")) == (4, 1)


def test_inspect(command: Command, api: tuple[str, ...]) -> None:
    payload = room_payload("demo", publish=True)
    right = command("inspect", generate_token04(APP_ID, "alice", SECRET, 3600, payload), *api)
    other = generate_token04(APP_ID, "alice", "x" * 32, 3600, payload, cipher=Cipher.CBC)
    unopened = command("inspect", other, "--json", *api)

    assert (right.status, "alice" in right.out) == (0, True)
    assert unopened.status == 1
    assert [found["code"] for found in json.loads(unopened.out)["findings"]] == ["cannot-be-opened"]


@pytest.mark.parametrize(
    "url",
    ["http://example.com", "ftp://127.0.0.1", "example.com", "https://", "https://a.example/?x=1", "https://u@a.example",
     "https://a.example/#x", "", "http://127.0.0.1.example.com"],
)  # fmt: skip
def test_other_urls_are_refused(command: Command, url: str) -> None:
    ended = command("create", "alice", "--api", url)

    assert (ended.status, "--api must be an https URL" in ended.err) == (2, True)


def test_a_host_that_does_not_answer(command: Command) -> None:
    with served(lambda *_: []) as url:
        pass

    ended = command("create", "alice", "--api", url)

    assert (ended.status, ended.err.count("\n"), "cannot be reached" in ended.err) == (4, 1, True)


def always(answer: Response) -> Any:
    """An application that has one answer."""

    @Request.application
    def application(_request: Request) -> Response:
        return answer

    return application


def test_other_servers_are_no_service(command: Command, tmp_path: Path) -> None:
    answers = [
        Response("<html>"),
        json_answer([1]),
        json_answer({}),
        json_answer({"token": 7, "app_id": "x"}),
    ]
    for answer in answers:
        with served(always(answer)) as url:
            ended = command("create", "alice", "--api", url)
            inspected = command("inspect", "04", "--api", url)

        assert (ended.out, ended.err.count("\n")) == ("", 1)
        assert ended.status in (2, 4)
        assert inspected.status in (2, 4)
    assert command("create", "a", "--api", "http://localhost:1", "--jwt-file", str(tmp_path)).status == 3


def test_credentials_follow_no_redirect(command: Command, api: tuple[str, ...]) -> None:
    seen: list[str] = []

    @Request.application
    def elsewhere(request: Request) -> Response:
        seen.append(request.path)
        return json_answer({})

    with (
        served(elsewhere) as other,
        served(always(Response(status=307, headers={"Location": other}))) as url,
    ):
        ended = command("create", "alice", "--api", url, *api[2:])

    assert (ended.status, seen) == (4, [])


def test_requests_to_aws_are_signed_for_the_apis_region(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Sent] = []

    def fetch(request: Sent) -> Answer:
        sent.append(request)
        return Answer(200, request.headers, {})  # type: ignore[arg-type]

    monkeypatch.setattr(service_module, "fetch", fetch)

    for url in ("https://abc.execute-api.eu-west-2.amazonaws.com", "https://abc.lambda-url.us-east-1.on.aws"):
        service_at(url).post("/v1/tokens", {"user_id": "alice"})

    assert "/eu-west-2/execute-api/aws4_request" in str(sent[0].get_header("Authorization"))
    assert "/us-east-1/lambda/aws4_request" in str(sent[1].get_header("Authorization"))
    assert sent[0].data == b'{"user_id": "alice"}'
