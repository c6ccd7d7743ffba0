"""The server of the page: tokens for the page alone, and what it does at the service."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from werkzeug.test import Client

from local.aws import ENVIRONMENT, ZegoApp, store_secret
from local.verification.cases import CASES, Case, Seen
from local.verification.page_server import PageServer
from local.verification.visits import Visits
from tests.cli.serving import json_answer, service
from tests.factories import APP_ID, SECRET
from tests.independent import open_token
from zego_cli.service import Service

HOST = "127.0.0.1:3000"
RESULT = {"login": "in", "login_code": 0, "then": "left", "then_code": 1002055, "seconds": 4}


class _Signing(Service):
    """A header stands for the signature: requests to this machine have none."""

    def _authorized(
        self, method: str, url: str, data: bytes | None, headers: dict[str, str]
    ) -> dict[str, str]:
        return {**super()._authorized(method, url, data, headers), "X-Signed": "yes"}


@dataclass
class Page:
    """A page in a browser, the server behind it, and what the service was asked."""

    client: Client
    server: PageServer
    seen: dict[str, Seen]
    asked: "Asked"

    def post(self, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, Any]]:
        answer = self.client.post(
            f"/{self.server.key}/{path}", json=body or {}, headers={"Host": HOST, **headers}
        )
        return answer.status_code, json.loads(answer.text)


@dataclass
class Asked:
    """What the service was asked of revocations, and what it answers."""

    revoked: list[tuple[str, Any]] = field(default_factory=list)
    kick_answer: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[str, Asked]]:
    asked = Asked()

    def answer(request: Any) -> Any:
        if request.path != "/v1/revocations":
            return None
        asked.revoked.append((request.method, request.get_json(silent=True) or dict(request.args)))
        return json_answer(asked.kick_answer, 201)

    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        store_secret(ZegoApp(APP_ID, SECRET))
        with service(answer) as url:
            yield url, asked


@pytest.fixture
def page(running: tuple[str, Asked], tmp_path: Path) -> Page:
    url, asked = running
    asked.revoked.clear()
    asked.kick_answer = {"kicked": True}
    (tmp_path / "index.html").write_text("<!doctype html>")
    seen: dict[str, Seen] = {}

    def saw(case: Case, what: Seen) -> None:
        seen[case.name] = what

    server = PageServer(tmp_path, Visits(_Signing(url), APP_ID, SECRET), saw)
    return Page(Client(server), server, seen, asked)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_visit_has_a_token_of_the_case(page: Page, case: Case) -> None:
    status, visit = page.post(f"visit/{case.name}")

    assert status == 200
    opened = open_token(visit["token"], SECRET)
    content, payload = opened.content, json.loads(opened.content["payload"])
    assert opened.mode == case.cipher.value
    assert (content["app_id"], content["user_id"]) == (APP_ID, visit["user_id"])
    assert content["expire"] - content["ctime"] == case.ttl
    assert payload["privilege"] == {"1": 1, "2": int(case.may_publish)}
    assert (payload["room_id"] == visit["room_id"]) is not case.enters_other_room
    assert (visit["does"], visit["patience"]) == (case.does, case.patience)


def test_users_and_rooms_are_others_in_each_case_and_run(page: Page) -> None:
    again = Visits(page.server.visits.service, APP_ID, SECRET)
    visits = [page.post(f"visit/{case.name}")[1] for case in CASES] + [again.start(case) for case in CASES]

    assert len({visit["user_id"] for visit in visits}) == len({visit["room_id"] for visit in visits}) == 12


def test_a_kick_revokes_the_user_in_the_room_and_lifts_it(page: Page) -> None:
    visit = page.post("visit/kick")[1]

    assert page.post("kick/kick") == (200, {})

    (_, revocation), (method, lifted) = page.asked.revoked
    target = {"user_id": visit["user_id"], "room_id": visit["room_id"]}
    assert {name: revocation[name] for name in (*target, "kick")} == {**target, "kick": True}
    assert (method, lifted) == ("DELETE", target)


def test_a_kick_that_zego_refuses_is_told(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    page.asked.kick_answer = {"kicked": False, "kick_error": "ZEGO answered 1: no such app"}

    status, answer = page.post("kick/kick")

    assert (status, "no such app" in answer["message"]) == (502, True)
    assert "no such app" in capsys.readouterr().err


def test_results_are_kept_and_the_page_says_when_it_is_done(page: Page) -> None:
    assert page.post("result/kick", RESULT) == (200, {})
    assert page.seen == {"kick": Seen("in", 0, "left", 1002055, 4)}
    assert not page.server.done.is_set()

    assert page.post("done") == (200, {})
    assert page.server.done.is_set()


@pytest.mark.parametrize(
    "body", [[], {"login": "in"}, {**RESULT, "login": "x" * 40}, {**RESULT, "then": "x" * 5000}]
)
def test_a_result_that_is_none_is_refused(page: Page, body: object) -> None:
    status, answer = page.post("result/kick", body)

    assert (status, "must" in answer["message"] or "too long" in answer["message"]) == (400, True)
    assert page.seen == {}


@pytest.mark.parametrize("path", ["visit/unknown", "visit", "kick/", "elsewhere/kick"])
def test_other_paths_are_not_there(page: Page, path: str) -> None:
    assert page.post(path)[0] == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},  # DNS rebinding
        {"Host": "127.0.0.2.evil.example:3000"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8080"},  # another page of this machine
    ],
)
def test_other_pages_get_nothing(page: Page, headers: dict[str, str]) -> None:
    status, answer = page.post("visit/gcm", **headers)

    assert (status, [*answer]) == (403, ["message"])


@pytest.mark.parametrize("path", ["/", "/visit/gcm", "/wrong-key/visit/gcm", "//visit/gcm"])
def test_without_the_key_of_the_address_there_is_nothing(page: Page, path: str) -> None:
    for method in (page.client.get, page.client.post):
        assert method(path, headers={"Host": HOST}).status_code == 403


def test_the_page_is_not_cached_and_not_framed(page: Page) -> None:
    answer = page.client.get(f"/{page.server.key}/", headers={"Host": HOST})

    assert (answer.status_code, answer.text) == (200, "<!doctype html>")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in answer.headers
