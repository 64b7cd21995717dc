"""In place of nbgrader's feedback template: grades from the gradebook, and our own page."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution
from traitlets import default

from nbjudge.assignment import named
from nbjudge.ground import notebooks
from nbjudge.nbgrader_ext.course_directory import course_of
from nbjudge.nbgrader_ext.doors import GetGrades
from nbjudge.pages.levels import level
from nbjudge.pages.page import PageFacts, student_page


class Grades(GetGrades):
    """Puts score, points and comment into each graded cell, as nbgrader does, and whether a person has yet to grade it."""

    def _get_score(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        name = cell.metadata.nbgrader.grade_id
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        told = {"score": grade.score, "points": grade.max_score, "waiting": bool(grade.needs_manual_grade)}
        cell.metadata.nbgrader.update(told)


class StudentPage(Exporter):
    """Exports a graded notebook as the student's page."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # nbconvert's own exporters return text, too
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Runs the preprocessors, `Grades` among them, and renders the page."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        told = resources["nbgrader"]
        assignment = named(told["assignment"])
        facts = PageFacts(
            student=told["student"],
            notebook=told["notebook"],
            score=max(0.0, float(told["score"])),
            points=float(told["max_score"]),
            late=float(told["late_penalty"]),
            others=sorted({p.stem for p in self._folder(told).glob("*.ipynb")} - {told["notebook"]}),
            released=self._released(told),
            level=level(assignment.facts()),
        )
        return student_page(nb, facts, assignment), resources

    def _folder(self, told: dict[str, Any]) -> Path:
        course = course_of(self)
        return Path(course.format_path(course.autograded_directory, told["student"], told["assignment"]))

    def _released(self, told: dict[str, Any]) -> frozenset[str]:
        course = course_of(self)
        path = Path(course.format_path(course.source_directory, ".", told["assignment"])) / f"{told['notebook']}.ipynb"
        return _given(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _given(path: Path, changed: int) -> frozenset[str]:
    """The sources of the cells that students got as they are: the instructor's, but for answers and tests.

    Args:
        path: the instructor's notebook.
        changed: when it last was, so that a changed one is read again.
    """
    source = notebooks.read(path)
    return frozenset(cell.source for cell in source.cells if not is_grade(cell) and not is_solution(cell))
