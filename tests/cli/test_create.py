"""`zego-token create`: the token alone on standard output, everything else on standard error."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tests.cli.conftest import Command
from tests.cli.running import piped
from tests.factories import APP_ID, OTHER_SECRET, SECRET
from tests.independent import open_token
from zego_token import explain

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KIT = ("--kit", "--room", "demo")


def test_the_token_stands_alone(with_key: Command) -> None:
    ended = with_key("create", "alice", "--room", "demo", "--publish", "--stream", "s1", "--stream", "s2")

    token = ended.out.removesuffix("\n")
    content = open_token(token, SECRET).content
    assert (ended.status, ended.err, token.isascii(), "\n" in token) == (0, "", True, False)
    assert (content["app_id"], content["user_id"]) == (APP_ID, "alice")
    assert content["expire"] - content["ctime"] == 3600
    assert json.loads(content["payload"]) == {
        "room_id": "demo",
        "privilege": {"1": 1, "2": 1},
        "stream_id_list": ["s1", "s2"],
    }


def test_without_publish_it_lets_log_in_only(with_key: Command) -> None:
    token = with_key("create", "alice", "--room", "demo").out.strip()

    payload = json.loads(open_token(token, SECRET).content["payload"])
    assert payload["privilege"] == {"1": 1, "2": 0}


def test_other_kinds_of_tokens(with_key: Command) -> None:
    old = open_token(with_key("create", "alice", "--room", "demo", "--v3").out.strip(), SECRET)
    zim = with_key("create", "alice", "--product", "zim", "--ttl", "24d").out.strip()
    kit = with_key("create", "alice", *KIT, "--name", "李 雷").out.strip()

    assert (old.version, old.mode, old.content["room_id"]) == ("03", "cbc", "demo")
    assert explain(zim, SECRET, product="zim") == []
    assert [f.code for f in explain(kit, SECRET, product="uikit", room_id="demo")] == ["publish-denied"]
    assert "#" in kit


def test_json_has_what_the_service_answers(with_key: Command) -> None:
    made = json.loads(with_key("create", "alice", "--room", "demo", "--json", "--ttl", "90m").out)

    assert open_token(made["token"], SECRET).content["user_id"] == made["user_id"] == "alice"
    assert made["expires_at"] - made["issued_at"] == 5400
    assert (made["room_id"], made["privilege"]) == ("demo", {"login": True, "publish": False})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3600", 3600),
        ("45s", 45),
        ("90m", 5400),
        ("1h", 3600),
        ("1h30m", 5400),
        ("7d", 604_800),
        ("2w", 1_209_600),
    ],
)
def test_validities(with_key: Command, text: str, seconds: int) -> None:
    made = json.loads(with_key("create", "alice", "--json", "--ttl", text).out)

    assert made["expires_at"] - made["issued_at"] == seconds


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("alice", "--ttl", "1y"), "--ttl"), (("alice", "--ttl", "0"), "--ttl"), (("alice", "--ttl", "-5"), "--ttl"),
        (("alice", "--ttl", "9" * 19), "--ttl"), (("alice", "--ttl", "1.5h"), "--ttl"), (("alice", "--ttl", ""), "--ttl"),
        (("alice", "--app-id", "x"), "--app-id"), (("alice", "--app-id", "0"), "--app-id"),
        (("alice", "--app-id", "4294967296"), "--app-id"), (("",), "USER"), (("alice", "--room", ""), "--room"),
        (("alice", "--publish"), "--room"), (("alice", "--room", "r", "--stream", "s"), "--publish"),
        (("alice", "--v3"), "--room"), (("alice", "--v3", "--room", "r", "--publish", "--stream", "s"), "--v3"),
        (("alice", "--kit"), "--room"), (("alice", "--name", "A"), "--kit"),
        (("alice", "--product", "zim", "--room", "r"), "--room"), (("alice", "--product", "zim", "--ttl", "25d"), "--ttl"),
        (("alice", *KIT, "--product", "zim"), "--kit"), (("alice", "--product", "live"), "--product"),
        (("alice", "--room", "r" * 40_000), "--room"), ((), "USER"), (("alice", "bob"), "bob"), (("alice", "--secret", SECRET), "--secret"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(with_key: Command, arguments: tuple[str, ...], named: str) -> None:
    ended = with_key("create", *arguments)

    assert (ended.status, ended.out) == (2, "")
    assert named in ended.err
    assert "Traceback" not in ended.err


def test_an_id_that_the_sdk_refuses_is_made_with_a_warning(with_key: Command) -> None:
    ended = with_key("create", "alice smith")

    assert ended.status == 0
    assert open_token(ended.out.strip(), SECRET).content["user_id"] == "alice smith"
    assert "it has a space" in ended.err


def test_the_app_id_of_the_option_comes_before_the_environments(with_key: Command) -> None:
    assert json.loads(with_key("create", "alice", "--json", "--app-id", "7").out)["app_id"] == 7


def test_without_an_app_id_it_says_how_to_give_one(command: Command) -> None:
    ended = command("create", "alice")

    assert (ended.status, ended.out) == (2, "")
    assert "--app-id, or set ZEGO_APP_ID" in ended.err


def opened_by(token: str) -> str | None:
    """Whose secret opens a token."""
    return next((secret for secret in (SECRET, OTHER_SECRET) if not explain(token, secret)), None)


def test_the_secrets_come_in_order(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{OTHER_SECRET}\n")
    stored = tmp_path / "stored"
    stored.write_text(json.dumps({"server_secret": OTHER_SECRET}))
    create = ("create", "alice", "--app-id", "1")
    with mock_aws():
        client: SecretsManagerClient = boto3.client("secretsmanager")
        client.create_secret(Name="zego/1", SecretString=OTHER_SECRET)
        aws = ("--secret-id", "zego/1", "--region", "eu-central-1")

        # Secrets Manager, where nothing else is given
        assert opened_by(command(*create, *aws).out.strip()) == OTHER_SECRET
        monkeypatch.setenv("ZEGO_SERVER_SECRET", SECRET)
        # the environment before Secrets Manager, and a file before both
        assert opened_by(command(*create, *aws).out.strip()) == SECRET
        assert opened_by(command(*create, *aws, "--secret-file", str(file)).out.strip()) == OTHER_SECRET
        assert opened_by(command(*create, "--secret-file", str(stored)).out.strip()) == OTHER_SECRET


@pytest.mark.parametrize(
    ("text", "fault"),
    [(b"short", "5 bytes"), (SECRET.encode() * 2, "AppSign"), (b" " + SECRET.encode(), "white space"), (b"\xff\xfe", "UTF-8"), (b"x" * 70_000, "too large")],
)  # fmt: skip
def test_a_wrong_secret_is_explained_and_not_shown(
    command: Command, tmp_path: Path, text: bytes, fault: str
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(text)

    ended = command("create", "alice", "--app-id", "1", "--secret-file", str(file))

    assert (ended.status, ended.out) == (3, "")
    assert fault in ended.err
    assert SECRET not in ended.err


def test_without_a_secret_it_says_how_to_give_one(command: Command, tmp_path: Path) -> None:
    ended = command("create", "alice", "--app-id", "1")
    absent = command("create", "alice", "--app-id", "1", "--secret-file", str(tmp_path / "absent"))

    assert (ended.status, ended.out) == (3, "")
    assert "--secret-file, ZEGO_SERVER_SECRET, --secret-id" in ended.err
    assert (absent.status, "No such file" in absent.err) == (3, True)


def test_curl_needs_no_secret_and_asks_for_the_same_token(command: Command) -> None:
    there = ("--api", "https://abc.execute-api.eu-central-1.amazonaws.com/")
    arguments = ("create", "zoë's", "--room", "demo", "--publish", "--ttl", "2h", "--curl", "--app-id", "5")

    local = shlex.split(command(*arguments).out)
    signed = command(*arguments, *there).out
    with_jwt = command(*arguments, *there, "--jwt-file", "my jwt").out

    assert local[:3] == ["curl", "--fail-with-body", "http://127.0.0.1:3000/v1/tokens"]
    assert json.loads(local[4]) == {
        "app_id": 5,
        "user_id": "zoë's",
        "effective_time_in_seconds": 7200,
        "room_id": "demo",
        "privilege": {"login": True, "publish": True},
    }
    assert "https://abc.execute-api.eu-central-1.amazonaws.com/v1/tokens" in signed
    assert '--aws-sigv4 "aws:amz:$AWS_REGION:execute-api"' in signed
    assert "Authorization: Bearer $(cat 'my jwt')" in with_jwt


def test_the_secret_may_come_from_standard_input() -> None:
    right = piped("create", "alice", "--app-id", "1", "--secret-file", "-", given=f"{SECRET}\n")
    empty = piped("create", "alice", "--app-id", "1", "--secret-file", "-")

    assert (right.returncode, explain(right.stdout.strip(), SECRET)) == (0, [])
    assert (empty.returncode, "0 bytes long" in empty.stderr) == (3, True)
