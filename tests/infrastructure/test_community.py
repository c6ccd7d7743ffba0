"""What people fill in who report something: nobody is led to paste a token or a secret."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.factories import ROOT

FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")


def parsed(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def test_there_is_a_form_for_a_bug_a_refused_token_and_a_feature() -> None:
    assert [path.stem for path in FORMS] == ["bug", "feature", "token_refused"]
    assert parsed(ROOT / ".github/ISSUE_TEMPLATE/config.yml")["blank_issues_enabled"] is False


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_is_one_that_github_takes(path: Path) -> None:
    form = parsed(path)
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    ids = [field["id"] for field in fields]

    assert {"name", "description", "body"} <= form.keys()
    assert len({*ids}) == len(ids)
    assert all(re.fullmatch(r"[a-z]+", name) for name in ids)
    for field in form["body"]:
        assert field["type"] in ("markdown", "input", "textarea", "dropdown", "checkboxes")
        assert {"markdown": "value"}.get(field["type"], "label") in field["attributes"]
        if field["type"] == "dropdown":
            assert len({*field["attributes"]["options"]}) == len(field["attributes"]["options"])


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_never_to_paste_tokens_or_secrets(path: Path) -> None:
    assert re.search(
        r"[Nn]ever .*(token.*ServerSecret|ServerSecret.*token)", path.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("name", ["bug", "token_refused"])
def test_a_report_names_the_version_and_confirms_that_it_holds_no_secret(name: str) -> None:
    fields = {
        field["id"]: field
        for field in parsed(ROOT / f".github/ISSUE_TEMPLATE/{name}.yml")["body"]
        if "id" in field
    }

    assert fields["version"]["validations"]["required"] is True
    assert "/v1/health" in fields["version"]["attributes"]["description"]
    (confirmed,) = fields["clean"]["attributes"]["options"]
    assert confirmed["required"] is True


def test_what_contributing_names_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folders = (
        "",
        "functions/token_api",
        "layers/zego_token",
        "layers/zego_token/zego_token",
        ".github/workflows",
    )
    named = [
        name
        for quoted, bare in re.findall(r"`([\w./-]+)`|(?<= )(tests/[\w/.]+|events/\w+\.json)", text)
        for name in (quoted, bare)
        if name.endswith((".py", ".md", ".yaml", ".yml", ".json", "/"))
    ]

    assert len(named) > 15
    assert [name for name in named if not any((ROOT / folder / name).exists() for folder in folders)] == []
