"""Whether what is graded with is what the course says now. There is one truth, or no grading.

Nothing heavy is imported here, so that asking costs next to nothing.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from nbjudge.assignment import Facts
from nbjudge.workspace import Workspace

_POINTS = """
SELECT notebook.name, base_cell.name, graded.max_score
FROM (SELECT id, max_score FROM grade_cells UNION SELECT id, max_score FROM task_cells) AS graded
JOIN base_cell ON base_cell.id = graded.id JOIN notebook ON notebook.id = base_cell.notebook_id
JOIN assignment ON assignment.id = notebook.assignment_id WHERE assignment.name = ?
"""
MOST = 256 * 2**20  # bytes of the files beside the instructor's notebooks
Points = dict[tuple[str, str], float]  # (notebook, question) -> what it is worth


class NotBuilt(RuntimeError):
    """What is graded with is not what the course says. The text says in a line what differs, and what to type."""


def check_built(workspace: Workspace) -> None:
    """Looks whether the source is what the assignment says it should be now.

    Raises:
        NotBuilt: if it is not, or is not there.
    """
    if not workspace.notebooks():
        raise NotBuilt(f"There is no notebook in source/{workspace.id}/: without the instructor's, nothing can be graded.")
    if (size := sum(path.stat().st_size for path in workspace.given() if path.suffix != ".ipynb")) > MOST:
        raise NotBuilt(
            f"The files beside the notebooks in source/{workspace.id}/ have {size >> 20} MB, and each jail, which has a copy, "
            f"takes {MOST >> 20} MB at most: put data into another folder, and name it in `readable` of what your assignment's "
            "`jail()` gives."
        )
    if why := workspace.assignment.check(workspace):
        raise NotBuilt(why)


def check_agreement(workspace: Workspace) -> None:
    """Looks whether all that knows the questions knows the same ones.

    Raises:
        NotBuilt: naming the first on which they disagree.
    """
    if why := workspace.assignment.disagreement(workspace):
        raise NotBuilt(f"{why} Until they agree, nobody is graded.")


def disagreement(points: Points, facts: Facts) -> str:
    """The questions that are worth something else here than the course says, in words. Others do not count."""
    said, found = facts.points, {question: worth for (_, question), worth in points.items()}
    return ", ".join(f"`{q}` counts {found[q]:g} and not {said[q]:g}" for q in said if q in found and found[q] != said[q])


def points_of_source(workspace: Workspace) -> Points:
    """What each graded cell of the instructor's notebooks is worth.

    Raises:
        NotBuilt: if one cannot be read.
    """
    return {
        (path.stem, cell["grade_id"]): float(cell["points"])
        for path in workspace.notebooks()
        for cell in graded_cells(path)
        if cell.get("grade") or cell.get("task")
    }


def graded_cells(path: Path) -> list[dict[str, Any]]:
    """What nbgrader's metadata say of each of a source notebook's cells that have them.

    Raises:
        NotBuilt: if the notebook cannot be read.
    """
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return [cell["metadata"]["nbgrader"] for cell in cells if "nbgrader" in cell["metadata"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        place = f"source/{path.parent.name}/{path.name}"
        raise NotBuilt(f"{place} cannot be read ({type(error).__name__}): make it anew.") from error


def points_of_gradebook(workspace: Workspace) -> Points:
    """What each graded cell is worth in the gradebook; nothing if it does not know the assignment, or is none."""
    path = workspace.gradebook.resolve()
    with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as gradebook:
        found = gradebook.execute(_POINTS, (workspace.id,))
        return {(notebook, name): float(worth) for notebook, name, worth in found}
    return {}


def points(workspace: Workspace) -> dict[str, float]:
    """Question -> most it can earn, in order: as the course says, or where it says nothing as the source does.

    Raises:
        NotBuilt: if the source had to be asked and cannot be read.
    """
    if said := workspace.assignment.facts().points:
        return dict(said)
    found: dict[str, float] = {}
    for (notebook, question), worth in points_of_source(workspace).items():
        if question in found:
            raise NotBuilt(f"`{question}` stands in {notebook}.ipynb and in another notebook: no table can tell the two apart.")
        found[question] = worth
    return found
