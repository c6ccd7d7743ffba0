"""What `make run` prints before it serves: it fits a terminal, can be pasted, and shows no whole token."""

import json
import re
import shlex
from typing import Any

import pytest

from local.aws import DEMO_APP_ID, DEMO_SECRET, ZegoApp
from local.introduction import SAMPLE, callers, introduction
from local.jwt_authorizer import JwtAuthorizer
from tests.factories import OTHER_SECRET
from zego_token import generate_token04, room_payload

DEMO, REAL = ZegoApp(DEMO_APP_ID, DEMO_SECRET), ZegoApp(4294967295, OTHER_SECRET)
LONGEST_URL = "http://[fd00:1234:5678:9abc:def0:1234:5678:9abc]:65535"


def answer(app: ZegoApp) -> dict[str, Any]:
    token = generate_token04(app.app_id, "alice", app.secret, 3600, room_payload("demo", publish=True))
    return {
        "token": token,
        "app_id": app.app_id,
        **SAMPLE,
        "stream_ids": None,
        "issued_at": 1795612600,
        "expires_in": 3600,
    }


def jwts() -> dict[str, str]:
    authorizer = JwtAuthorizer()
    return {name: authorizer.issue(name, "zego:issue zego:publish") for name in ("USER_JWT", "BACKEND_JWT")}


def introduced(app: ZegoApp, url: str = "http://127.0.0.1:3000", **jwts: str) -> str:
    whom = callers("fd00:1234:5678:9abc:def0:1234:5678:9abc", needs_jwt=bool(jwts))
    return introduction(app, url, "/local/events", whom, answer(app), jwts)


@pytest.mark.parametrize("app", [DEMO, REAL])
@pytest.mark.parametrize("needs_jwt", [False, True])
def test_it_fits_80_columns(app: ZegoApp, needs_jwt: bool) -> None:
    text = introduced(app, LONGEST_URL, **(jwts() if needs_jwt else {}))

    assert [line for line in text.splitlines() if len(line) > 80] == []


def test_the_answer_and_the_token_are_tables() -> None:
    lines = introduced(DEMO).splitlines()

    assert "  issued_at   1795612600  2026-11-25 13:16:40 UTC" in lines
    assert "  expires_in  3600  seconds" in lines
    assert '  privilege   {"login": true, "publish": true}' in lines
    assert '  payload  {"room_id":"demo","privilege":{"1":1,"2":1},"stream_id_list":null}' in lines


def test_it_shows_no_whole_token_and_no_secret_of_a_real_app() -> None:
    text = introduced(REAL)

    assert OTHER_SECRET not in text
    assert not re.search(r"04[A-Za-z0-9+/=]{20}", text)
    assert re.search(r"^  token +04\S{14}… \(\d+ characters\)$", text, re.MULTILINE)
    assert f"  {DEMO_SECRET}, which is public" in introduced(DEMO)


def test_its_commands_can_be_pasted() -> None:
    url, made = "http://127.0.0.1:3000", jwts()
    text = introduced(DEMO, url, **made)
    ask, schedule = (
        shlex.split(text.partition(f"{title}\n\n")[2].partition("\n\n")[0])
        for title in ("Ask for a token", "Schedule a room")
    )

    assert ask[:2] == ["curl", f"{url}/v1/tokens"]
    assert json.loads(ask[-1]) == SAMPLE
    assert "Authorization: Bearer $USER_JWT" in ask
    assert schedule[:2] == ["curl", f"{url}/local/events"]
    assert "Authorization: Bearer $BACKEND_JWT" in schedule
    assert schedule[-1] == "@events/room_scheduled.json"
    for name, jwt in made.items():
        assert f"{name}={jwt}\n" in text.replace("\\\n", "")


@pytest.mark.parametrize(
    ("address", "whom"),
    [
        ("127.0.0.1", "Programs on this machine"),
        ("0.0.0.0", "Everything that reaches any address of this machine"),  # noqa: S104
        ("192.168.1.20", "Everything that reaches 192.168.1.20"),
    ],
)
def test_it_says_who_may_use_the_api(address: str, whom: str) -> None:
    open_to_all = callers(address, needs_jwt=False)

    assert open_to_all.startswith(f"{whom}, as your backend")
    assert "JWT=1 requires a JWT" in open_to_all
    assert callers(address, needs_jwt=True) == f"{whom} with a JWT"
