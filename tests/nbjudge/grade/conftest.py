"""A small class, graded once: its evidence lets other courses be graded without running a kernel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nbjudge.gather import ask
from nbjudge.grade import class_run

from trials.classroom.submissions import students, write_class

from ..course import new_course
from .small_class import NAMES, grade, one_set, recorded


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which the small class was graded on this machine, with kernels."""
    course = new_course(tmp_path_factory.mktemp("golden"))
    write_class(course / "submitted", [student for student in students() if student.name in NAMES])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ask, "challenge_set", one_set)
        assert sorted(grade(course).graded) == NAMES
    return course


@pytest.fixture(autouse=True)
def same_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """All courses of these tests meet the inputs that the golden one met."""
    monkeypatch.setattr(ask, "challenge_set", one_set)


@pytest.fixture
def course(golden: Path, tmp_path: Path) -> Path:
    """The same class with the same secret, not graded yet."""
    (tmp_path / "course").mkdir()
    course = new_course(tmp_path / "course")
    shutil.copytree(golden / "submitted", course / "submitted")
    shutil.copy(golden / "secret.key", course)
    return course


@pytest.fixture
def asked(golden: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Has evidence come from the golden course instead of a kernel; lists the names of what was gathered."""
    names: list[str] = []
    monkeypatch.setattr(class_run, "gather_text", recorded(golden, names))
    return names
