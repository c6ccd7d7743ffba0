"""Nothing of the pages of `make run` is deployed."""

import re
from pathlib import Path

from local.console import CONSOLE_PATH, ROOMS_PATH
from tests.api import Api
from tests.factories import ROOT, token_event

PAGES = [f"/console/{path.name}" for path in sorted((ROOT / "local" / "pages").iterdir())]
PATHS = ["/", "/docs", "/docs/swagger-ui-bundle.min.js", *PAGES, CONSOLE_PATH, ROOMS_PATH, "/local/events"]


def test_none_of_it_is_in_the_deployed_api(api: Api) -> None:
    event = token_event("http_api")
    for path in PATHS:
        http = {**event["requestContext"]["http"], "method": "GET", "path": path}
        context = {**event["requestContext"], "http": http, "routeKey": "$default"}

        answer = api(event | {"rawPath": path, "routeKey": "$default", "requestContext": context})

        assert (path, answer.status) == (path, 404)


def test_the_deployed_folders_have_no_page() -> None:
    deployed = [path for folder in ("functions", "layers") for path in (ROOT / folder).rglob("*")]

    assert not [path for path in deployed if path.suffix in {".html", ".css", ".js", ".svg"}]
    code = re.findall(r"(?:CodeUri|ContentUri): (\S+)", (ROOT / "template.yaml").read_text())
    assert {Path(uri).parts[0] for uri in code} == {"functions", "layers"}
