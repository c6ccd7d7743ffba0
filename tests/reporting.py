"""A pytest plugin for tests that take seconds: a line for each, in words, and its seconds while it runs.

pytest -p tests.reporting -o verbosity_test_cases=-1 -o console_output_style=classic tests/stack
"""

import sys
from collections.abc import Generator

import pytest

from local.terminal import WIDTH, cut, step

Status = tuple[str, str, object]
_NOT_PASSED = pytest.StashKey[str]()
_ROOM = 20  # for the outcome and the seconds


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    items = item.session.items
    title = f"{items.index(item) + 1} of {len(items)}: {_words(item.name)}"
    # pytest captures the stream of the other name.
    with step(cut(title, WIDTH - _ROOM), sys.__stderr__) as working:
        done = yield
        working.outcome = item.stash.get(_NOT_PASSED, "passed")
    return done


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what has failed or was skipped, in the test or around it."""
    report = yield
    if not report.passed:
        item.stash[_NOT_PASSED] = report.outcome if report.failed else "skipped"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_report_teststatus() -> Generator[None, Status, Status]:
    """No letter for what has a line."""
    category, _, word = yield
    return category, "", "" if category == "passed" else word


def _words(name: str) -> str:
    """``test_a_room_is_granted[csv]`` as "a room is granted [csv]"."""
    test, bracket, parameters = name.partition("[")
    return f"{test.removeprefix('test_').replace('_', ' ')}{bracket and ' ['}{parameters}"
