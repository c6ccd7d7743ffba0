"""The package zego-token: what is in it, and the examples of the docs in an environment of its own."""

import re
import subprocess
import sys
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.documentation.markdown import blocks_of
from tests.factories import ROOT
from zego_token import __version__

LAYER, CLI = ROOT / "layers/zego_token", ROOT / "cli"
PACKAGES = {"zego_server_assistant": LAYER, "zego_token": LAYER, "zego_cli": CLI}


def run(*command: str | Path, cwd: Path) -> str:
    """The standard output of a command that knows nothing of this project's folders."""
    done = subprocess.run(command, cwd=cwd, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def built(source: Path, folder: Path) -> Path:
    run(sys.executable, "-I", "-m", "hatchling", "build", "-d", folder, cwd=source)
    return folder


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the wheel and the source archive, as `make package` builds them."""
    return built(ROOT, tmp_path_factory.mktemp("dist"))


def wheel_in(folder: Path) -> Path:
    (wheel,) = folder.glob("*.whl")
    return wheel


def contents(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def installed(dist: Path, folder: Path, locked: str, extra: str = "") -> Path:
    """A Python that has the wheel and what the wheel asks for, in the locked versions, and no more."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    python = folder / "bin" / "python"
    pins = re.findall(r"^[\w.-]+==[^\s;]+", (ROOT / locked).read_text(encoding="utf-8"), re.MULTILINE)
    (folder / "constraints.txt").write_text("\n".join(pins))
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--only-binary", ":all:",
         "--constraint", "constraints.txt", f"{wheel_in(dist)}{extra}"],
        cwd=folder, check=True,
    )  # fmt: skip
    return python


@pytest.fixture(scope="module")
def python(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library alone, installed."""
    return installed(dist, tmp_path_factory.mktemp("installed"), "layers/zego_token/requirements.txt")


@pytest.fixture(scope="module")
def command(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command line, installed with ``[cli]``, so without boto3."""
    folder = tmp_path_factory.mktemp("with-cli")
    return installed(dist, folder, "requirements/cli.txt", "[cli]").with_name("zego-token")


def test_the_wheel_holds_the_library_the_drop_in_and_the_command_line(dist: Path) -> None:
    files = {name: data for name, data in contents(wheel_in(dist)).items() if ".dist-info/" not in name}

    sources = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for name, root in PACKAGES.items()
        for suffix in ("py", "typed")
        for path in (root / name).rglob(f"*.{suffix}")
    }
    assert files == sources
    assert {f"{name}/py.typed" for name in PACKAGES} <= files.keys()


def test_the_wheel_says_what_it_is(dist: Path) -> None:
    files = contents(wheel_in(dist))
    info = f"zego_token-{__version__}.dist-info"

    metadata = Parser().parsestr(files[f"{info}/METADATA"].decode())
    wanted: dict[str, set[str]] = {}
    for requirement in metadata.get_all("Requires-Dist", []):
        name, _, extra = requirement.partition(" extra == ")
        wanted.setdefault(extra.strip("'\""), set()).add(re.split(r"[^\w-]", name)[0])
    assert metadata["Name"] == "zego-token"
    assert wanted == {"": {"cryptography", "pycryptodome"}, "cli": {"typer", "rich"}, "aws": {"boto3"}}
    assert b"zego-token = zego_cli.entry:main" in files[f"{info}/entry_points.txt"]
    assert metadata["Requires-Python"] == ">=3.11"
    supported = [f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13, 14)]
    assert set(supported) <= set(metadata.get_all("Classifier", []))
    assert files[f"{info}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()


def test_the_source_archive_builds_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    (archive,) = dist.glob("*.tar.gz")
    run("tar", "--extract", "--file", archive, cwd=tmp_path)  # Python's own differs between 3.11.3 and 3.14
    (source,) = tmp_path.iterdir()

    again = built(source, tmp_path / "dist")

    assert contents(wheel_in(again)) == contents(wheel_in(dist))
    assert {"LICENSE", "CHANGELOG.md", "pyproject.toml"} <= {path.name for path in source.iterdir()}


EXAMPLES = [
    (page, block.text, block.prints)
    for page in ("README.md", "layers/zego_token/README.md")
    for block in blocks_of(page)
    if block.language == "python" and block.prints is not None
]
# A token differs each time, after its version and the high bytes of its expiry.
TOKEN = re.compile(r"^(04AAAAA)[\w+/=]+(…?)$", re.MULTILINE)


def test_every_example_is_found() -> None:
    assert [name for name, _, _ in EXAMPLES] == ["README.md", *["layers/zego_token/README.md"] * 2]


@pytest.mark.parametrize(
    ("code", "printed"), [example[1:] for example in EXAMPLES], ids=[name for name, _, _ in EXAMPLES]
)
def test_the_examples_print_what_the_docs_say(python: Path, code: str, printed: str) -> None:
    output = run(python, "-I", "-X", "utf8", "-c", code, cwd=python.parent)

    assert TOKEN.sub(r"\1\2", output) == TOKEN.sub(r"\1\2", printed)


def test_the_installed_package_needs_nothing_of_aws(python: Path) -> None:
    code = "import importlib.metadata as m; print(*sorted(d.name.lower() for d in m.distributions()))"

    installed = set(run(python, "-I", "-c", code, cwd=python.parent).split())

    assert installed <= {"zego-token", "cryptography", "pycryptodome", "cffi", "pycparser"}
    assert {"zego-token", "cryptography", "pycryptodome"} <= installed


@pytest.mark.exploration
def test_the_command_line_is_installed_with_its_extra(command: Path) -> None:
    keys = {"ZEGO_APP_ID": "1", "ZEGO_SERVER_SECRET": "0" * 32}

    version = subprocess.run([command, "--version"], env={}, capture_output=True, text=True, check=True)
    made = subprocess.run([command, "create", "alice"], env=keys, capture_output=True, text=True, check=True)
    aws = subprocess.run(
        [command, "secret", "check", "--secret-id", "s"], env={}, capture_output=True, text=True, check=False
    )

    assert version.stdout == f"zego-token {__version__}\n"
    assert re.fullmatch(r"04[\w+/=]+\n", made.stdout)
    assert (aws.returncode, aws.stdout) == (3, "")
    assert "pip install 'zego-token[aws]'" in aws.stderr


def test_without_its_extra_the_command_line_says_what_to_install(python: Path) -> None:
    command = python.with_name("zego-token")

    ended = subprocess.run([command, "create", "alice"], env={}, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "pip install 'zego-token[cli]'" in ended.stderr
