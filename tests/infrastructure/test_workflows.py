"""The workflows of GitHub Actions: pinned, with few rights, and calling commands that exist."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.factories import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
OWN = re.compile(r"uses: \./\.github/workflows/[\w-]+\.yml")
# What may be granted, and to which job alone.
RIGHTS = {("id-token", "write"): "publish", ("contents", "write"): "release"}


def parsed(path: Path) -> dict[Any, Any]:
    content: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def named(name: str) -> dict[Any, Any]:
    return parsed(ROOT / ".github/workflows" / name)


def steps(workflow: dict[Any, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job.get("steps", ())


def commands(workflow: dict[Any, Any]) -> list[str]:
    return [step["run"] for step in steps(workflow) if "run" in step]


def make_targets(text: str) -> set[str]:
    return set(re.findall(r"\bmake (?:--silent )?([a-z-]+)", text))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit(path: Path) -> None:
    uses = re.findall(r"^ *(?:- )?(uses: .*)$", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert uses
    assert [line for line in uses if not (PINNED.fullmatch(line) or OWN.fullmatch(line))] == []


def test_an_action_has_one_commit_everywhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    pins = set(re.findall(r"uses: ([\w./-]+)@(\S+ # \S+)", text))

    assert len({name for name, _ in pins}) == len(pins)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_job_has_only_the_rights_that_it_needs(path: Path) -> None:
    workflow = parsed(path)

    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        for right in job["permissions"].items():
            assert right == ("contents", "read") or RIGHTS[right] == name
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_job_runs_for_ever_or_twice_at_once(path: Path) -> None:
    workflow = parsed(path)

    assert "github.ref" in workflow["concurrency"]["group"]
    for job in workflow["jobs"].values():
        assert "uses" in job or 0 < job["timeout-minutes"] <= 60


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_of_a_pull_request_reaches_a_shell_or_a_secret(path: Path) -> None:
    workflow, text = parsed(path), path.read_text(encoding="utf-8")

    assert "pull_request_target" not in workflow[True]  # YAML 1.1 reads `on` as true
    assert "secrets." not in text
    assert [command for command in commands(workflow) if "${{" in command] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_the_commands_are_targets_of_make(path: Path) -> None:
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert make_targets("\n".join(commands(parsed(path)))) - known == set()


def test_ci_runs_what_a_change_must_pass_here_and_builds_all_that_is_released() -> None:
    ci = make_targets("\n".join(commands(named("ci.yml"))))

    assert make_targets((ROOT / ".ci/run").read_text(encoding="utf-8")) <= ci
    assert {"test", "test-clients", "build", "package"} <= ci


def test_every_supported_python_is_tested_and_no_other() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    prefix = "Programming Language :: Python :: 3."
    supported = [line.rpartition(" ")[2] for line in project["classifiers"] if line.startswith(prefix)]

    assert named("ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"] == supported


def test_a_release_is_a_tag_that_equals_the_version_and_passed_everything() -> None:
    release = named("release.yml")
    jobs = release["jobs"]

    assert release[True] == {"push": {"tags": ["v*"]}}
    (check,) = commands({"jobs": {"notes": jobs["notes"]}})
    assert "make --silent release-notes" in check
    assert 'TAG="$GITHUB_REF_NAME"' in check
    assert jobs["test"]["uses"] == "./.github/workflows/ci.yml"
    assert {*jobs["publish"]["needs"]} == {"notes", "test"}
    assert jobs["publish"]["environment"] == "release"
    assert "publish" in jobs["release"]["needs"]
