"""nbgrader's gradebook, opened once for a class. nbgrader opens it fourteen times a submission and asks for each cell alone.

The tables, and what is written into them, are nbgrader's own (a test compares every one of them with what stock writes).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any
from unittest.mock import patch

from nbgrader.api import BaseCell, Comment, Grade, GradeCell, SourceCell
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from nbjudge.nbgrader_ext.doors import Gradebook


class _Session(Session):
    """One whose transaction ends where its owner says, not after each cell."""

    def commit(self) -> None:
        self.flush()

    def commit_all(self) -> None:
        super().commit()


class OpenGradebook(Gradebook):
    """A gradebook that stays open. Leaving its `with` writes what was changed, or nothing if something was raised.

    Each `with` sees the database as it is then, as with a new one of nbgrader's. Within it the cells of a notebook are looked
    up together. A `with` within another one is a part of that: it sees what was changed before, and what it changes is written
    when the outer one is left.

    Args:
        db_url: as nbgrader's.
        course_id: as nbgrader's.
    """

    def __init__(self, db_url: str, course_id: str = "default_course") -> None:
        super().__init__(db_url, course_id)
        self.db.remove()
        self.db: scoped_session[_Session] = scoped_session(
            sessionmaker(class_=_Session, autoflush=True, bind=self.engine, future=True)
        )
        self._found: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._depth = 0  # of `with` in `with`

    def __enter__(self) -> OpenGradebook:
        self._depth += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._depth -= 1
        self._found.clear()
        if self._depth:
            self.db.flush()
            self.db.expire_all()  # as a new gradebook would, the next `with` looks again
            return
        try:
            if kind is None:
                self.db().commit_all()
        finally:
            self.db.remove()  # which takes back what was not committed

    def _one(self, asked: tuple[Any, ...], name: str, find: Callable[[], dict[str, Any]], alone: Callable[[], Any]) -> Any:
        """What is called `name` among what `find` finds at the first question; else what nbgrader says of it."""
        if asked not in self._found:
            self._found[asked] = find()
        found = self._found[asked].get(name)
        return alone() if found is None else found

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> SourceCell:
        """As nbgrader's."""

        def find() -> dict[str, SourceCell]:
            return {cell.name: cell for cell in self.find_notebook(notebook, assignment).source_cells}

        alone = super().find_source_cell
        return self._one((SourceCell, notebook, assignment), name, find, lambda: alone(name, notebook, assignment))

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> GradeCell:
        """As nbgrader's."""

        def find() -> dict[str, GradeCell]:
            return {cell.name: cell for cell in self.find_notebook(notebook, assignment).grade_cells}

        alone = super().find_graded_cell
        return self._one((GradeCell, notebook, assignment), name, find, lambda: alone(name, notebook, assignment))

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Grade:
        """As nbgrader's."""
        return self._of_a_submission(Grade, super().find_grade, grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Comment:
        """As nbgrader's."""
        return self._of_a_submission(Comment, super().find_comment, solution_cell, notebook, assignment, student)

    def _of_a_submission(self, kind: Any, alone: Callable[..., Any], name: str, *where: str) -> Any:
        def find() -> dict[str, Any]:
            submitted = self.find_submission_notebook(*where)
            cells = self.db.query(BaseCell.name, kind).join(BaseCell, BaseCell.id == kind.cell_id)
            return dict(cells.filter(kind.notebook_id == submitted.id).all())

        return self._one((kind, *where), name, find, lambda: alone(name, *where))


class Gradebooks:
    """The open gradebooks of a grading. Where the file has become another one, that is opened anew."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[tuple[int, ...], OpenGradebook]] = {}

    def __call__(self, db_url: str, course_id: str = "default_course") -> OpenGradebook:
        """Like `nbgrader.api.Gradebook(db_url, course_id)`."""
        known, gradebook = self._open.get(db_url, ((), None))
        if gradebook is None or known != _file(db_url):
            if gradebook is not None:
                gradebook.close()
            gradebook = OpenGradebook(db_url, course_id)
            self._open[db_url] = (_file(db_url), gradebook)
        elif gradebook.course_id != course_id:  # nbgrader names it in some places, and leaves it out in others
            gradebook.check_course(course_id)
            gradebook.course_id = course_id
        return gradebook

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Within it, nbgrader's converters and preprocessors open the gradebook here."""
        names = [name for name, module in sys.modules.items() if name.startswith("nbgrader.") and _opens(module)]
        with ExitStack() as patches:
            for name in names:
                patches.enter_context(patch(f"{name}.Gradebook", self))
            yield


def _opens(module: Any) -> bool:
    return module.__name__ != Gradebook.__module__ and getattr(module, "Gradebook", None) is Gradebook


def _file(db_url: str) -> tuple[int, ...]:
    """Which file a database of SQLite's is now; nothing for another one."""
    path = make_url(db_url).database
    try:
        found = os.stat(path or "")
    except OSError:
        return ()
    return found.st_dev, found.st_ino
