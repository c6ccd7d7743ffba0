"""The version stands in `zego_token.__version__`; everything else agrees with it."""

import re
import tomllib

from openapi.document import document
from tests.factories import ROOT
from tests.infrastructure.cloudformation import template
from zego_token import __version__

CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_it_is_a_semantic_version() -> None:
    assert re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", __version__)


def test_the_package_reads_it_and_states_none() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["project"]["dynamic"] == ["version"]
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "layers/zego_token/zego_token/__init__.py"


def test_the_template_states_it() -> None:
    found = template()

    assert found["Metadata"]["AWS::ServerlessRepo::Application"]["SemanticVersion"] == __version__
    assert f" {__version__} " in found["Resources"]["ZegoTokenLayer"]["Properties"]["Description"]


def test_the_apis_document_states_it() -> None:
    assert document()["info"]["version"] == __version__


def test_the_changelog_begins_with_it_and_a_date() -> None:
    entries = re.findall(r"^## \[(\S+)\](?: - (\S+))?$", CHANGELOG, re.MULTILINE)

    assert entries[0][0] == "Unreleased"
    assert entries[1][0] == __version__
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", entries[1][1])


def test_the_docs_show_it() -> None:
    shown = re.findall(
        r"/v1/health answers ok, version (\S+)", (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    )

    assert shown == [__version__]
