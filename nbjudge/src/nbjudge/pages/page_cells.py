"""The rest of the page: the notebook, the student's own cells open, what was given folded away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

from nbjudge.assignment import Assignment
from nbjudge.nbgrader_ext.verdict_outputs import NOTES_ID
from nbjudge.pages import safe
from nbjudge.pages.rows import QuestionRow, answer_anchor, owner_of


@dataclass(frozen=True)
class PageCell:
    """A cell of the page.

    Attributes:
        kind: lesson, given, answer, own, test or grader.
        body: its text or its code as HTML; empty for a test, whose code is the grader's.
        outputs: as HTML.
        anchor: to which links of this page jump; empty if none do.
        row: the question that an answer or a test belongs to.
    """

    kind: str
    body: Markup
    outputs: Sequence[Markup] = ()
    anchor: str = ""
    row: QuestionRow | None = None


def cells(nb: NotebookNode, rows: Sequence[QuestionRow], released: Collection[str], assignment: Assignment) -> list[PageCell]:
    """The notebook's cells in their order.

    Args:
        nb: the graded notebook.
        rows: its questions.
        released: the sources of the cells as the students got them.
        assignment: which it is of.
    """
    owners, by_id = owner_of(nb.cells), {row.id: row for row in rows}
    start = 1 if nb.cells and nb.cells[0].get("id") == NOTES_ID else 0  # this page says at its top what that cell says
    made, of_notebook = [], nb.cells[start:]
    for cell, after in zip(of_notebook, [*of_notebook[1:], None], strict=True):
        added = assignment.added(cell, after)
        if added == "shown":
            made.append(PageCell("grader", safe.markdown(cell.source)))
        elif not added:
            made.append(_cell(cell, owners, by_id, released))
    return made


def _cell(
    cell: NotebookNode, owners: Mapping[str, str], by_id: Mapping[str, QuestionRow], released: Collection[str]
) -> PageCell:
    name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    row = by_id.get(owners.get(name, ""))
    outputs = [html for told in cell.get("outputs", ()) if (html := safe.safe_output(told))]
    if is_solution(cell):
        return PageCell("answer", _source(cell), outputs, answer_anchor(name), row)
    if is_grade(cell):
        return PageCell("test", Markup(""), [] if row and row.lines else outputs, row=row)
    if is_locked(cell) or cell.source in released:
        if cell.cell_type == "markdown":
            return PageCell("lesson", safe.lesson(cell.source) if cell.source in released else safe.markdown(cell.source))
        return PageCell("given", safe.code(cell.source), outputs)
    return PageCell("own", _source(cell), outputs)


def _source(cell: NotebookNode) -> Markup:
    if cell.cell_type == "code":
        return safe.code(cell.source)
    return safe.markdown(cell.source, cell.get("attachments")) if cell.cell_type == "markdown" else safe.plain(cell.source)
