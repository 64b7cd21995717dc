"""What a student answered, read from the text of the notebook: nothing is run, so nothing can be claimed by running."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked
from ps8.literals import NotLiteral
from ps8.literals import read_literal as read_plain

from assignment.builder.counted import EXPLAIN

NAME = "my_name"


@dataclass
class HandedIn:
    """The answers to the counted questions.

    Attributes:
        name: the name that the student typed, for which the questions were shown; empty if none can be read.
        answers: question -> a text or a number; None, or no entry, where nothing was written.
        problem: why nothing can be read of them; empty if they can.
    """

    name: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def read_answers(notebook: NotebookNode) -> HandedIn:
    """Reads a notebook; of what is assigned twice, the last counts."""
    found = HandedIn()
    try:
        name = _assigned(notebook, NAME)
        found.name = name if isinstance(name, str) else ""
    except NotLiteral:
        pass
    try:
        answers = _assigned(notebook, EXPLAIN)
    except NotLiteral as why:
        found.problem = f"{EXPLAIN}: {why}"
        return found
    if not isinstance(answers, dict):
        found.problem = f"{EXPLAIN} should be a dictionary, such as {{'encoder': 'B'}}"
        return found
    found.answers = {str(question): answer for question, answer in answers.items()}
    return found


def _assigned(notebook: NotebookNode, name: str) -> Any:
    """What a student's cells give a name.

    Raises:
        NotLiteral: if they do not, or take more than reading to know it.
    """
    begins = re.compile(rf"^{name}\b", re.MULTILINE)
    own = [cell for cell in notebook.cells if cell.cell_type == "code" and not is_grade(cell) and not is_locked(cell)]
    return read_plain("\n".join(cell.source for cell in own if begins.search(cell.source)), name)
