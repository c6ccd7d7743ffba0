"""What `make bench`, `make test-stack` and `make test-clients` print while they work."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import run
from tests.e2e.commands import too_long
from tests.factories import ROOT

OPTIONS = re.search(r"^A_LINE_EACH := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
TESTS = """
import pytest

def test_a_room_is_granted_{long}(): pass
@pytest.mark.parametrize("n", [1])
def test_fails(n): assert n == 2
@pytest.mark.skip
def test_is_left_out(): pass
"""


@pytest.mark.exploration
def test_each_test_has_a_line(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS.format(long="and_" * 20))
    assert OPTIONS is not None

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            "/dev/null",
            *OPTIONS[1].split(),
            "--capture=sys",
            str(tmp_path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert [re.sub(r", \d+ s$", "", line) for line in done.stderr.splitlines()] == [
        f"  1 of 3: a room is granted {'and ' * 8}a…: passed",
        "  2 of 3: fails [1]: failed",
        "  3 of 3: is left out: skipped",
    ]
    assert "1 failed, 1 passed, 1 skipped" in done.stdout
    assert "FAILED" in done.stdout
    assert too_long(done.stdout.partition("FAILURES")[0]) == []


def test_benchmarks_run_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OFFICIAL", raising=False)
    monkeypatch.setattr(run, "PARTS", {"chart": "A chart", "no_such": "Another"})

    with pytest.raises(SystemExit, match="2 of 2: Another: failed"):
        run.main()

    assert capsys.readouterr().out == "\n1 of 2: A chart\n\n\n"


def test_every_benchmark_of_make_bench_exists() -> None:
    assert [name for name in run.PARTS if not (ROOT / "benchmarks" / f"{name}.py").is_file()] == []
