"""`make mutate` names modules and tests that exist, and copies all that these tests import."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import ROOT
from tests.mutation.run import LAYER, TESTS, copy_to, environment_of

FILES = sorted({f"tests/unit/{name}.py" for names in TESTS.values() for name in names})


def test_its_modules_and_tests_exist() -> None:
    assert [
        path for path in (*FILES, *(f"{LAYER}/{module}" for module in TESTS)) if not (ROOT / path).is_file()
    ] == []


@pytest.mark.exploration
def test_the_tests_can_be_imported_in_a_copy(tmp_path: Path) -> None:
    copy_to(tmp_path)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *FILES],
        cwd=tmp_path,
        env=environment_of(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
