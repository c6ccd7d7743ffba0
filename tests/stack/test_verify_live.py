"""`make verify-live` with a stack of its own. The test plays the browser."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

from local import verify_live
from local.verification.cases import CASES
from local.verification.page_server import PageServer
from local.verify_live import STACK, run, wanted_of
from tests.factories import APP_ID
from tests.independent import open_token
from tests.stack.aws import Aws
from tests.stack.reached import reach_apis

SEEN = {case.name: dict(zip(("login", "then"), case.expected, strict=True)) for case in CASES}


class Browser:
    """Visits every room as the page does, and keeps what it was given."""

    def __init__(self) -> None:
        self.visits: dict[str, dict[str, Any]] = {}

    def visit_all(self, url: str) -> None:
        for case in CASES:
            self.visits[case.name] = self._post(f"{url}/visit/{case.name}")
            result = {**SEEN[case.name], "login_code": 0, "then_code": 0, "seconds": 3}
            self._post(f"{url}/result/{case.name}", result)
        self._post(f"{url}/done")

    def _post(self, url: str, body: object = None) -> dict[str, Any]:
        request = Request(url, json.dumps(body or {}).encode(), {"Content-Type": "application/json"})
        with urlopen(request, timeout=60) as answer:
            content: dict[str, Any] = json.loads(answer.read())
            return content


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A browser that opens the page as soon as it is served."""
    browser, serve = Browser(), PageServer.serve

    def served(server: PageServer, listener: Any) -> None:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/{server.key}"
        thread = Thread(target=browser.visit_all, args=(url,))
        thread.start()
        serve(server, listener)
        thread.join()

    def built(folder: Path) -> Path:
        (folder / "index.html").write_text("<!doctype html>")
        return folder

    monkeypatch.setattr(PageServer, "serve", served)
    monkeypatch.setattr(verify_live, "built_page", built)
    monkeypatch.setattr(verify_live, "_about", lambda account: {"Region": account.region})
    return browser


def test_it_deploys_checks_gives_tokens_writes_a_report_and_cleans_up(
    aws: Aws,
    browser: Browser,
    server_secret: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    # given: an AWS account, a ZEGO app, and the secret in the environment
    reach_apis(aws, monkeypatch)
    environment = {
        **aws.environment,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "BUILD_PLATFORM": "host",
        "PYTHON": sys.executable,
    }
    monkeypatch.setenv("ZEGO_SERVER_SECRET", server_secret)
    variables = {"APP_ID": str(APP_ID), "PORT": "0", "YES": "1", "CLEAN": "1"}

    # when
    report = tmp_path / "report.md"
    status = run(replace(wanted_of({**environment, **variables}), report=report))

    # then: each room's token is from this stack, and the report says what was seen
    written = capfd.readouterr()
    text = report.read_text(encoding="utf-8")
    assert status == 0, written.out + written.err + text
    for case in CASES:
        opened = open_token(browser.visits[case.name]["token"], server_secret)
        assert (opened.mode, opened.content["app_id"]) == (case.cipher.value, APP_ID)
    assert text.count("| as expected |") == len(CASES)
    assert "| token | ok | a token was made, and opens with the stored secret |" in text
    assert "| health | ok | " in text

    # and: nothing that opens a room or names the account is written anywhere
    tokens = [visit["token"] for visit in browser.visits.values()]
    for hidden in (server_secret, *tokens):
        assert hidden not in text + written.out + written.err
    for private in (str(APP_ID), "123456789012", "execute-api"):
        assert private not in text

    # and: the stack and what CloudFormation leaves of it are gone
    assert f"The stack {STACK} is deleted.\nThe secret is deleted in 7 days." in written.out
    assert "The bucket is deleted." in written.out
    with pytest.raises(ClientError, match="does not exist"):
        aws.client("cloudformation").describe_stacks(StackName=STACK)


def test_it_does_not_delete_a_stack_that_was_there_before(
    aws: Aws, fresh_stack: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reach_apis(aws, monkeypatch)
    for name, value in {"STACK": fresh_stack.name, "YES": "1", "CLEAN": "only"}.items():
        monkeypatch.setenv(name, value)

    assert verify_live.main() == 1

    assert f"{fresh_stack.name} was there before" in capfd.readouterr().err
    assert fresh_stack.outputs["ApiUrl"]
