"""A class's tables, from the gradebook and the graded notebooks: the scores, and the page about the class."""

from __future__ import annotations

from collections.abc import Sequence

from nbjudge.grade.state import students
from nbjudge.nbgrader_ext.config import course_config
from nbjudge.repair.plan import plan_of
from nbjudge.reports.class_report import write_class_report
from nbjudge.reports.score_table import write_csv
from nbjudge.reports.scores import Sheet, StudentScores, read_scores, with_ungraded
from nbjudge.workspace import Workspace

CSV, PAGE = "grades.csv", "class_report.html"


def rows_of(workspace: Workspace, sheet: Sheet, names: Sequence[str] | None = None) -> list[StudentScores]:
    """A row for each student who handed something in, graded or not.

    Args:
        workspace: where they are graded.
        sheet: what the tables are about.
        names: who is wanted; None for all.
    """
    wanted = students(workspace) if names is None else names
    found = read_scores(workspace, sheet)
    return with_ungraded(found if names is None else (row for row in found if row.student in wanted), wanted, sheet)


def write_tables(rows: Sequence[StudentScores], workspace: Workspace, sheet: Sheet) -> None:
    """Writes `grades.csv` and `class_report.html` into the course directory, each in one step; the first in any case."""
    write_csv(rows, workspace.output(CSV), sheet)
    write_class_report(rows, workspace.output(PAGE), workspace, sheet, released(workspace))


def released(workspace: Workspace) -> str:
    """All that students were given, as one text."""
    config = course_config(workspace.root)
    plans = (plan_of(path, config) for path in workspace.notebooks())
    return "\n".join(slot.released for plan in plans for slot in plan.slots)
