"""A submission, rebuilt by `nbrepair`, with the record of what was put right, and its texts made harmless."""

from __future__ import annotations

import copy
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbrepair.rebuild
from nbformat import NotebookNode
from nbrepair.pieces import pieces_of
from nbrepair.plan import Plan
from nbrepair.remarks import Remark

from nbjudge.ground.markdown import showable, shown_pictures
from nbjudge.ground.notebooks import new_node
from nbjudge.record import Record
from nbjudge.repair.plan import make_plan


@dataclass
class Repaired:
    """A submission as it will be graded.

    Attributes:
        notebook: the source's cells in the source's order, with the student's answers and helpers.
            The record in its metadata holds the remarks, those of them that tell of answers that are not there, and whether
            nothing could be read.
        remarks: a sentence for each repair; none for a notebook in which only answers were written and cells added.
        answered: for each answer's grade id, how it was found: by id, text, name or position, joined, not answered, missing.
    """

    notebook: NotebookNode
    remarks: list[str] = field(default_factory=list)
    answered: dict[str, str] = field(default_factory=dict)


def rebuild(submitted: NotebookNode | None, source: NotebookNode | Plan, remarks: Sequence[str] = ()) -> Repaired:
    """Rebuilds a submission.

    Args:
        submitted: as `read_notebook` gave it; None if there is nothing to be read. Not changed.
        source: the instructor's notebook, the release, or the plan made of either.
        remarks: what was mended before, to stand above the remarks of this.
    """
    plan = source if isinstance(source, Plan) else make_plan(source)
    pieces = None if submitted is None else pieces_of(submitted)
    rebuilt = nbrepair.rebuild.rebuild(pieces, plan, remarks, _harmless)
    notebook = new_node(cells=rebuilt.cells, metadata=copy.deepcopy(plan.metadata), nbformat=4, nbformat_minor=5)
    Record(list(map(str, rebuilt.remarks)), list(map(str, rebuilt.lost)), pieces is None).into(notebook)
    return Repaired(notebook, rebuilt.remarks, rebuilt.answered)


def rebuild_whatever(submitted: NotebookNode | None, plan: Plan, remarks: Sequence[str] = ()) -> Repaired:
    """Rebuilds a submission; one that stops this is graded as if it were blank, with the reason among its remarks."""
    try:
        return rebuild(submitted, plan, remarks)
    except Exception as error:  # whatever a student may write that nobody thought of
        why = Remark(
            f"The answers could not be taken out of the notebook: {error_line(error)}. Please tell your instructor.", cost=True
        )
        return rebuild(None, plan, [*remarks, why])


def error_line(error: Exception) -> str:
    """An error of ours in a line: its type, and where it came from."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).stem}.{frame.name}, line {frame.lineno}"


def _harmless(text: str, pictures: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    return showable(text, pictures), shown_pictures(pictures)
