"""Tests that no judge knows are run in the jail, as nbgrader runs them, and only their end counts."""

from __future__ import annotations

import copy

import nbformat
import pytest
from nbjudge.gather import gather, notebook_run
from nbjudge.gather.gathered import Gathered, OrdinaryTest
from nbjudge.jail import JailSettings, Limits, reasons_unavailable

pytestmark = pytest.mark.skipif(bool(reasons_unavailable()), reason="; ".join(reasons_unavailable()))


def ran(*tests: str, answer: str = "def double(x):\n    return 2 * x", seconds: int = 300) -> Gathered:
    cells = [nbformat.v4.new_code_cell(answer)]
    for number, source in enumerate(tests):
        test = nbformat.v4.new_code_cell(source)
        facts = {"grade": True, "solution": False, "locked": True, "grade_id": f"test{number}", "points": 5}
        test.metadata["nbgrader"] = facts
        cells.append(test)
    return gather(nbformat.v4.new_notebook(cells=cells), {}, Limits(seconds_per_notebook=seconds))


def test_files_beside_the_notebook_are_where_it_looks_for_them() -> None:
    """In a kernel of its own, and in the one that takes up after it; a file's name may be a module's that the kernel needs."""
    test = nbformat.v4.new_code_cell("import helper\nassert open('tables/a.csv').read() == '1,2' and helper.VALUE == 3")
    test.metadata["nbgrader"] = {"grade": True, "solution": False, "locked": True, "grade_id": "reads", "points": 5}
    dies = nbformat.v4.new_code_cell("import os; os._exit(1)")
    files = {"tables/a.csv": b"1,2", "helper.py": b"VALUE = 3", "ipykernel.py": b"raise SystemExit", "json.py": b"1 / 0"}
    again = copy.deepcopy(test)
    again.metadata["nbgrader"]["grade_id"] = "again"
    for warm in (True, False):
        settings = JailSettings(warm=warm)
        gathered = gather(nbformat.v4.new_notebook(cells=[test, dies, again]), {}, settings=settings, files=files)
        assert gathered.tests == {"reads": OrdinaryTest(True), "again": OrdinaryTest(True)}


def test_each_ends_by_itself() -> None:
    gathered = ran(
        "assert double(2) == 4",
        "assert double(2) == 5, 'not doubled'",
        "import warnings, sys\nwarnings.warn('odd')\nprint('odd', file=sys.stderr)\nassert double(1) == 2",
        "double(1) + 0.5",
        "raise SystemExit",
        "undefined_name",
        "def broken(:",
        "3.5",
    )
    tests = {name: (test.passed, test.said, test.share) for name, test in gathered.tests.items()}
    assert tests["test0"] == (True, "", None)
    assert tests["test1"] == (False, "AssertionError: not doubled", None)
    assert tests["test2"] == (True, "", None)
    assert tests["test3"] == (True, "", 2.5)
    assert tests["test4"][0] is False
    assert "undefined_name" in tests["test5"][1] and not tests["test5"][0]
    assert "SyntaxError" in tests["test6"][1] and not tests["test6"][0]
    assert tests["test7"] == (True, "", 3.5)


def test_an_error_that_is_lost_among_what_is_printed_has_not_passed() -> None:
    tests = ran("for _ in range(30_000):\n    print('x' * 1000)\nassert False", "assert double(2) == 4").tests
    assert tests["test0"].passed is False
    assert tests["test1"] == OrdinaryTest(True)


def test_a_result_that_is_lost_among_what_is_printed_earns_nothing() -> None:
    flood = "def double(x):\n    for _ in range(30_000):\n        print('x' * 1000)\n    return 0.5"
    tests = ran("double(1)", "assert double(1) == 0.5", answer=flood).tests
    assert tests["test0"] in (OrdinaryTest(False, notebook_run.RESULT_LOST), OrdinaryTest(True, share=0.5))
    assert tests["test1"] == OrdinaryTest(True)


def test_one_that_ends_the_kernel_has_not_passed_and_the_next_is_run_all_the_same() -> None:
    gathered = ran("import os\nos._exit(0)", "assert double(2) == 4", "while True:\n    pass")
    assert "test0" not in gathered.tests and gathered.problems["test0"]
    assert gathered.tests["test1"] == OrdinaryTest(True)
    assert "test2" not in gathered.tests or not gathered.tests["test2"].passed


def test_where_the_notebooks_time_is_over_what_was_not_reached_is_named() -> None:
    gathered = ran(
        "import time\ntime.sleep(4)", *["import os, time\ntime.sleep(2)\nos._exit(0)"] * 40, "assert True", seconds=15
    )
    assert "test41" not in gathered.tests and gathered.problems["test41"]
