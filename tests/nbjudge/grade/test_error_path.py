"""A step that raises costs the student whose it is, and nobody else: each step of a student's way, found in the code itself."""

from __future__ import annotations

import ast
import errno
import inspect
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbjudge.gather.evidence_cache import EvidenceCache
from nbjudge.grade import class_run
from nbjudge.grade.commit import Committer
from nbjudge.grade.failures import Failures
from nbjudge.grade.state import Graded
from nbjudge.grade.student_names import student_key
from nbjudge.grade.tasks import Tasks
from tqdm import tqdm

from autograder.artifacts.findings_cache import FindingsCache
from autograder.definition import PS8, at

from .small_class import NAMES, grade, read_all

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grade")]
VICTIM = "ada"  # who has artifacts, too
OWNERS = {"graded": Graded, "cache": EvidenceCache, "committer": Committer, "failures": Failures, "tasks": Tasks}
OWNERS["findings"] = FindingsCache
OF_ALL = {
    "_all",
    "_any_work",
    "_guarded",
    "_failed",
    "_take_in",
    "_gathered",
    "run",
    "__init__",
}  # of the class, or of the error path itself


def steps() -> list[str]:
    """What the methods for one student call: functions of the module, and methods of what the run holds."""
    tree = ast.parse(inspect.getsource(class_run))
    (of_run,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "ClassRun")
    found = set()
    for method in of_run.body:
        if isinstance(method, ast.FunctionDef) and method.name not in OF_ALL:
            found |= {ast.unparse(node.func).removeprefix("self.") for node in ast.walk(method) if isinstance(node, ast.Call)}
            found.add(method.name)
    return sorted(name for name in found if name not in OF_ALL and _place(name) is not None)


def _place(name: str) -> tuple[Any, str] | None:
    """Where a step can be replaced."""
    owner, _, attribute = name.rpartition(".")
    if owner in OWNERS:
        return OWNERS[owner], attribute
    if not owner and hasattr(class_run.ClassRun, name):
        return class_run.ClassRun, name
    if not owner and inspect.isfunction(getattr(class_run, name, None)):
        return class_run, name
    return {"nbformat": (nbformat, attribute), "bar": (tqdm, attribute)}.get(owner)


STEPS = [*steps(), "cache.keep", "findings.keep_if_any"]  # the last two are handed over, to be called later


class Broken(Exception):
    """Its own text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("not even this")


def breaks(monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException, when: str = VICTIM) -> list[str]:
    """Has a step raise whenever it is the victim's turn, or is asked about the victim before; gives a list that says so."""
    place = _place(name)
    assert place is not None
    turn, broke = [""], list[str]()
    guarded, original = class_run.ClassRun._guarded, getattr(*place)

    def noting(self: class_run.ClassRun, student: str, step: Callable[[str], None]) -> None:
        turn[0] = student
        guarded(self, student, step)
        turn[0] = ""

    def broken(*args: Any, **kwargs: Any) -> Any:
        if when in (turn[0], *args):
            broke.append(when)
            raise error
        return original(*args, **kwargs)

    monkeypatch.setattr(class_run.ClassRun, "_guarded", noting)
    monkeypatch.setattr(*place, broken)
    return broke


def test_the_steps_are_found() -> None:
    known = {
        "refusal",
        "graded.up_to_date",
        "graded.digest",
        "prepare_submission",
        "stage",
        "ask",
        "cache.load",
        "tasks.add",
        "settled",
    }
    known |= {"graded.begin", "graded.begun", "committer.commit", "keep_settled", "failures.drop", "graded.note"}
    assert known <= set(STEPS)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_that_raises_is_its_students_alone(
    name: str, golden: Path, course: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        broke = breaks(patched, name, Broken())
        summary = class_run.ClassRun(at(course), NAMES, run_pool()).run()
    others = [student for student in NAMES if student != VICTIM]
    assert set(summary.graded) >= set(others) and summary.stopped == ""
    assert broke, "the step was never reached"
    assert summary.failed == {VICTIM: "Broken"}
    assert grade(course).graded == [VICTIM]
    assert grade(course).unchanged == NAMES
    assert read_all(course) == read_all(golden)
    assert not list(at(course).graded.glob("*.error.txt"))


def run_pool() -> Any:
    from nbjudge.grade import pool

    return pool.local(2, PS8)


@pytest.mark.parametrize("name", ["failures.keep", "failures.path", "bar.update", "bar.write"])
def test_a_step_of_the_error_path_that_raises_stops_nobody(
    name: str, course: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error that is being noted may be what keeps it from being noted."""
    breaks(monkeypatch, "prepare_submission", OSError(errno.ENAMETOOLONG, "File name too long"))
    breaks(monkeypatch, name, Broken())
    summary = class_run.ClassRun(at(course), NAMES, run_pool()).run()
    assert sorted(summary.graded) == sorted(set(NAMES) - {VICTIM})
    assert "File name too long" in summary.failed[VICTIM]


def test_a_worker_that_raises_costs_who_waits_for_it(course: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_run, "gather_text", lambda *args: (_ for _ in ()).throw(Broken()))
    summary = class_run.ClassRun(at(course), NAMES, run_pool()).run()
    assert set(summary.failed) == set(NAMES) and not summary.stopped


@pytest.mark.parametrize(
    "full", [OSError(errno.ENOSPC, "No space left on device"), sqlite3.OperationalError("database or disk is full")]
)
@pytest.mark.parametrize("name", ["stage", "graded.begin", "committer.commit", "failures.drop"])
def test_a_full_disk_ends_the_run_in_a_sentence(
    name: str, full: Exception, golden: Path, course: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        breaks(patched, name, full)
        summary = class_run.ClassRun(at(course), NAMES, run_pool()).run()
    assert "make room on the disk" in summary.stopped and summary.failed == {}
    grade(course)
    assert read_all(course) == read_all(golden)


def test_a_full_disk_within_nbgrader_is_one(course: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nbgrader logs the exception and raises another, which says nothing."""

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("nbconvert.writers.FilesWriter.write", full)
    summary = class_run.ClassRun(at(course), NAMES, run_pool()).run()
    assert "No space left on device: make room" in summary.stopped and summary.failed == {}


def test_what_nbgrader_fails_at_is_said_in_a_line(course: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    original = nbformat.validate

    def broken(*args: Any, **kwargs: Any) -> None:
        raise ValueError("this is\nwhy")

    monkeypatch.setattr("nbgrader.preprocessors.SaveAutoGrades.preprocess", broken)
    summary = class_run.ClassRun(at(course), ["ada"], run_pool()).run()
    assert summary.failed == {"ada": "ValueError: this is why"} and nbformat.validate is original
    kept = (at(course).graded / "ada.error.txt").read_text()
    assert kept.startswith("ada\nValueError: this is why\n") and "Traceback" in kept


def test_odd_names_are_graded_or_have_a_reason(golden: Path, course: Path, asked: list[str]) -> None:
    names = ["x" * 250, "line\nend", "[a]", "a*b", "caf\udce9", "esc\x1b", "  "]
    for name in names:
        folder = course / "submitted" / name / "ps8"
        folder.mkdir(parents=True)
        for file in (course / "submitted" / "student03" / "ps8").glob("*.ipynb"):
            (folder / file.name).write_bytes(file.read_bytes())
    summary = class_run.ClassRun(at(course), names, run_pool()).run()
    assert set(summary.graded) == set(names) - {"caf\udce9"}
    assert "UTF-8" in summary.failed["caf\udce9"]
    assert Failures(at(course).graded).of("caf\udce9") == summary.failed["caf\udce9"]
    assert (at(course).graded / f"{student_key('x' * 250)}.json").is_file()
