"""What a human has graded stays graded when a submission is graded again, as long as the answer is the same.

nbgrader keeps a manual score in any case, but marks each for another look, whether anything changed or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import nbformat
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment

from nbjudge.ground import notebooks
from nbjudge.workspace import Workspace

Settled = dict[str, list[Any]]  # "notebook/cell" -> the automatic score, and a digest of the cell, when a human graded it
Opens = Callable[[str], Gradebook]  # of a database's URL


def settled(workspace: Workspace, student: str, opens: Opens = Gradebook) -> Settled:
    """The cells of a student that a human has graded and that wait for nobody."""
    if not workspace.gradebook.exists():
        return {}
    with opens(workspace.database) as gradebook:
        grades = _grades(gradebook, workspace, student).items()
        done = {name: grade for name, grade in grades if grade.manual_score is not None and not grade.needs_manual_grade}
        cells = _cells(workspace, student) if done else {}
        return {name: [grade.auto_score, cells[name]] for name, grade in done.items() if name in cells}


def keep_settled(workspace: Workspace, student: str, before: Settled, opens: Opens = Gradebook) -> None:
    """After a new grading: what was settled before, and is the same, waits for nobody now either."""
    if not before:
        return
    cells = _cells(workspace, student)
    with opens(workspace.database) as gradebook:
        for name, grade in _grades(gradebook, workspace, student).items():
            if name in before and before[name] == [grade.auto_score, cells.get(name)]:
                grade.needs_manual_grade = False
        gradebook.db.commit()


def _grades(gradebook: Gradebook, workspace: Workspace, student: str) -> dict[str, Any]:
    try:
        submission: SubmittedAssignment = gradebook.find_submission(workspace.id, student)
    except MissingEntry:
        return {}
    return {f"{notebook.name}/{grade.name}": grade for notebook in submission.notebooks for grade in notebook.grades}


def _cells(workspace: Workspace, student: str) -> dict[str, str]:
    """A digest of each graded cell in a student's autograded notebooks; none of a notebook that is not there or not whole."""
    found = {}
    for path in workspace.autograded(student).glob("*.ipynb"):
        try:
            notebook = notebooks.read(path)
        except (OSError, ValueError, nbformat.reader.NotJSONError):
            continue
        for cell in notebook.cells:
            if name := cell.metadata.get("nbgrader", {}).get("grade_id"):
                found[f"{path.stem}/{name}"] = hashlib.sha256(cell.source.encode("utf-8", "surrogatepass")).hexdigest()
    return found
