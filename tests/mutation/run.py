"""Break the decisions and the packing in one place at a time, and see whether the unit tests notice."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.terminal import interruptible, step

ROOT = Path(__file__).parents[2]
LAYER = "layers/zego_token"
LEAST_PERCENT = 90

# Each module with the unit tests that are to notice.
TESTS = {
    "zego_service/issuing/policy.py": ["test_policy", "test_policy_law"],
    "zego_service/fields.py": ["test_fields", "test_ids", "test_provisioning_events"],
    "zego_token/wire.py": ["test_decode", "test_generate", "test_generate_arguments"],
    "zego_token/ciphers.py": ["test_ciphers", "test_decode", "test_generate", "test_generate_arguments"],
    "zego_token/bulk.py": ["test_bulk", "test_bulk_processes"],
    "zego_token/plaintexts.py": ["test_plaintexts", "test_generate_arguments"],
    "zego_token/checks.py": ["test_room_payload", "test_generate", "test_generate_arguments"],
}
PYTEST = f"{sys.executable} -m pytest -x -q --assert=plain -p no:cacheprovider --hypothesis-profile=mutation"
# Left out, see docs/testing.md: operators whose every mutant dies at import, or changes nothing.
CONFIG = """\
[cosmic-ray]
module-path = "{module}"
test-command = "{command}"
timeout = 120.0

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = [
    "core/ReplaceBinaryOperator_BitOr_",
    "core/ReplaceComparisonOperator_(Is_Eq|IsNot_NotEq)",
]
"""


@dataclass(frozen=True)
class Outcome:
    """What became of a module's mutants; ``survivors`` says what each of them changed."""

    module: str
    mutants: int
    survivors: list[str]

    @property
    def row(self) -> str:
        killed = self.mutants - len(self.survivors)
        return f"{self.module:32}{self.mutants:8}{killed:8}{len(self.survivors):10}{self.percent:8.1f} %"

    @property
    def percent(self) -> float:
        return 100 - 100 * len(self.survivors) / self.mutants


def mutate(module: str) -> Outcome:
    """Run a module's mutants in a copy, where an interruption leaves nothing broken behind."""
    with TemporaryDirectory() as folder:
        copy = Path(folder)
        copy_to(copy)
        command = " ".join([PYTEST, *(f"tests/unit/{name}.py" for name in TESTS[module])])
        (copy / "config.toml").write_text(CONFIG.format(module=f"{LAYER}/{module}", command=command))
        run(copy, "cosmic-ray", "baseline", "config.toml")
        run(copy, "cosmic-ray", "init", "config.toml", "session.sqlite")
        run(copy, "cr-filter-operators", "session.sqlite", "config.toml")
        run(copy, "cosmic-ray", "exec", "config.toml", "session.sqlite")
        lines = run(copy, "cosmic-ray", "dump", "session.sqlite").splitlines()
    results = [(item["mutations"][0], result) for item, result in map(json.loads, lines)]
    tested = [(mutation, result) for mutation, result in results if result["worker_outcome"] != "skipped"]
    survivors = [described(*each) for each in tested if each[1]["test_outcome"] != "killed"]
    return Outcome(module, len(tested), sorted(survivors))


def copy_to(folder: Path) -> None:
    """Copy what the unit tests of the modules import."""
    for name in ("layers", "local", "tests"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)


def run(folder: Path, program: str, *arguments: str) -> str:
    """The output of one of cosmic-ray's programs, whose tests import the copy. Exits where it fails."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *arguments],
        cwd=folder,
        env=environment_of(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{program} {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def environment_of(folder: Path) -> dict[str, str]:
    """The environment in which tests import a copy."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([f"{folder}/{LAYER}", str(folder)])}


def described(mutation: dict[str, Any], result: dict[str, Any]) -> str:
    """Where it is, and the lines before (-) and after (+)."""
    changed = [
        f"{line[0]} {line[1:].strip()}"
        for line in result["diff"].splitlines()
        if line.startswith(("-", "+")) and line[1:].strip() and not line.startswith(("---", "+++"))
    ]
    return "\n    ".join([f"line {mutation['start_pos'][0]:3}", *changed])


def main() -> None:
    """Run all, print the numbers and the survivors, and fail where too many survive."""
    print(f"{'module':32}{'mutants':>8}{'killed':>8}{'survived':>10}{'rate':>8}", flush=True)
    with step("Breaking one place at a time") as working, ThreadPoolExecutor(os.cpu_count()) as pool:
        broken = [pool.submit(mutate, module) for module in TESTS]
        for done in as_completed(broken):
            working.say(done.result().row)
    outcomes = [each.result() for each in broken]
    whole = Outcome(
        "in all",
        sum(each.mutants for each in outcomes),
        [line for each in outcomes for line in each.survivors],
    )
    print(whole.row)
    for outcome in outcomes:
        print(f"\nSurvivors in {outcome.module}:", *outcome.survivors, sep="\n  ")
    sys.exit(any(each.percent < LEAST_PERCENT for each in (*outcomes, whole)))


if __name__ == "__main__":
    interruptible(main)
