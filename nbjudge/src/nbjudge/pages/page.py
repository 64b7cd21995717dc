"""A student's page as one HTML text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from nbformat import NotebookNode

from nbjudge.assignment import Assignment
from nbjudge.ground.foreign_names import shown
from nbjudge.pages import safe
from nbjudge.pages.levels import Level
from nbjudge.pages.page_cells import cells
from nbjudge.pages.rows import WORDS, question_rows
from nbjudge.record import Record
from nbjudge.reports.look import page_templates

TEMPLATE = Path(__file__).with_name("page.html.j2")


@dataclass(frozen=True)
class PageFacts:
    """What the page says besides the notebook.

    Attributes:
        student: the id.
        notebook: the notebook's name.
        score: points so far, the penalty taken off.
        points: most that this notebook's questions give.
        late: points lost for being late, >= 0.
        others: names of the student's other graded notebooks, whose pages stand beside this one.
        released: the sources of the cells as the students got them.
        level: how much the page says about the grader's inputs.
    """

    student: str
    notebook: str
    score: float
    points: float
    late: float = 0.0
    others: Sequence[str] = ()
    released: Collection[str] = frozenset()
    level: Level = "full"


def student_page(nb: NotebookNode, facts: PageFacts, assignment: Assignment) -> str:
    """The page. Whatever a student wrote is escaped or sanitised; nothing in it runs or loads."""
    questions = question_rows(nb, assignment, facts.notebook, facts.level)
    states = Counter(row.state for row in questions)
    remarks = Record.of(nb).remarks
    return _template().render(
        course=assignment.facts(),
        facts=facts,
        student=shown(facts.student),
        rows=questions,
        states=[(state, words, states[state]) for state, words in WORDS.items() if states[state]],
        remarks=[safe.with_code(remark) for remark in remarks],
        cells=cells(nb, questions, facts.released, assignment),
    )


def _template() -> jinja2.Template:
    return page_templates(TEMPLATE.parent).get_template(TEMPLATE.name)
