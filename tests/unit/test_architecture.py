"""Imports run down, never up and never in a circle, as docs/architecture.md draws them."""

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import zego_token
from tests.factories import ROOT

# From the top to the bottom: a room may import rooms that come later, and no others.
ROOMS: dict[str, set[str]] = {
    "openapi": {"openapi"},
    "token_api": {"token_api"},
    "provisioner": {"provisioner"},
    "deployment": {"zego_service.deployment"},
    "provisioning": {"zego_service.provisioning"},
    "issuing": {"zego_service.issuing"},
    "apps": {"zego_service.apps"},
    "aws": {
        f"zego_service.{name}"
        for name in (
            "clients",
            "deadline",
            "aws_json",
            "aws_environment",
            "tls",
            "table",
            "bucket",
            "secret_store",
        )
    },
    "fields": {"zego_service.fields", "zego_service.names", "zego_service.payloads", "zego_service.streams"},
    "basics": {
        f"zego_service.{name}"
        for name in (
            "authentication",
            "callers",
            "characters",
            "claims",
            "clock",
            "errors",
            "pings",
            "powertools",
            "punctual",
            "rfc3339",
            "roles",
            "settings",
            "telemetry",
        )
    },
    "zego_token": {"zego_token"},
}
SOURCES = ("functions", "layers/zego_token", "")
PACKAGES = ("openapi", "token_api", "provisioner", "zego_service", "zego_token")
MOST_ROOMS, MOST_ARROWS = 15, 40
Imports = Mapping[str, set[str]]


def modules() -> dict[str, Path]:
    """Every module of the project that runs in AWS or describes the API, by its name."""
    return {
        ".".join(path.relative_to(ROOT / source).with_suffix("").parts).removesuffix(".__init__"): path
        for source in SOURCES
        for package in PACKAGES
        for path in (ROOT / source / package).rglob("*.py")
    }


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """The modules that a file imports, with the name that it takes from each."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield from ((node.module or "", alias.name) for alias in node.names)


@pytest.fixture(scope="module")
def imports() -> Imports:
    """The modules of the project that each of them imports."""
    known = modules()
    found: dict[str, set[str]] = {}
    for module, path in known.items():
        names = {
            (f"{source}.{name}" if f"{source}.{name}" in known else source) for source, name in imported(path)
        }
        found[module] = {name for name in names if name in known}
    return found


def room_of(module: str) -> str | None:
    """The room of a module; None for a package that only holds others."""
    return next(
        (
            room
            for room, members in ROOMS.items()
            if any(module == member or module.startswith(f"{member}.") for member in members)
        ),
        None,
    )


def arrows(imports: Imports) -> set[tuple[str, str]]:
    """From which room to which other one there are imports."""
    between = {
        (room_of(module), room_of(target)) for module, targets in imports.items() for target in targets
    }
    return {(here, there) for here, there in between if here and there and here != there}


def drawn() -> set[tuple[str, str]]:
    """The arrows of the drawing in docs/architecture.md."""
    (drawing,) = re.findall(r"```mermaid\n(.*?)```", (ROOT / "docs/architecture.md").read_text(), re.DOTALL)
    found: set[tuple[str, str]] = set()
    for here, targets in re.findall(r"^ +(\w+) --> (.+)$", drawing, re.MULTILINE):
        found |= {(here, there) for there in targets.split(" & ")}
    return found


def test_every_module_has_a_room(imports: Imports) -> None:
    assert {module for module in imports if room_of(module) is None} == {"zego_service"}


def test_no_import_runs_up(imports: Imports) -> None:
    floors = list(ROOMS)

    assert {
        (here, there) for here, there in arrows(imports) if floors.index(here) > floors.index(there)
    } == set()


def test_no_imports_run_in_a_circle(imports: Imports) -> None:
    inside = {module: targets - {module} for module, targets in imports.items()}

    TopologicalSorter(inside).prepare()  # which raises CycleError


def test_the_drawing_shows_what_is_imported_and_stays_small(imports: Imports) -> None:
    assert drawn() == arrows(imports)
    assert len(ROOMS) <= MOST_ROOMS
    assert len(arrows(imports)) < MOST_ARROWS


def test_the_service_uses_the_library_through_its_public_names() -> None:
    inside = [module for module in modules() if room_of(module) != "zego_token"]
    taken = {
        (source, name)
        for module in inside
        for source, name in imported(modules()[module])
        if source.partition(".")[0] == "zego_token"
    }

    assert {source for source, _ in taken} == {"zego_token"}
    assert {name for _, name in taken} <= set(zego_token.__all__)


def test_the_library_knows_nothing_of_the_project_or_of_aws() -> None:
    for module, path in modules().items():
        if room_of(module) == "zego_token":
            roots = {source.partition(".")[0] for source, _ in imported(path)}
            assert not roots & {"zego_service", "token_api", "provisioner", "boto3", "botocore"}


def test_the_command_line_knows_the_library_alone_and_is_not_in_the_layer() -> None:
    taken = {
        (source, name)
        for path in (ROOT / "cli").rglob("*.py")
        for source, name in imported(path)
        if source.partition(".")[0] in {*PACKAGES, "local", "tests"}
    }

    assert {source for source, _ in taken} == {"zego_token"}
    assert {name for _, name in taken} <= set(zego_token.__all__)
    assert not [path for path in (ROOT / "layers").rglob("*.py") if "zego_cli" in path.read_text()]


@pytest.mark.parametrize("library", ["boto3", "botocore"])
def test_aws_is_called_from_one_module(library: str) -> None:
    callers = {
        module
        for module, path in modules().items()
        if any(source.partition(".")[0] == library for source, _ in imported(path))
    }

    assert callers == {"zego_service.clients"}


def test_the_clock_is_read_in_one_module() -> None:
    readers = {
        module
        for module, path in modules().items()
        if module.startswith(("zego_service", "token_api", "provisioner"))
        and re.search(r"\btime\.time\(|\bdatetime\.now\(|\bfrom time import\b", path.read_text())
    }

    assert readers == {"zego_service.clock"}
