"""What the autograded notebooks say beyond the scores: statuses, recognised mistakes, remarks, and the answers themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.utils import is_solution

from autograder.paths import ASSIGNMENT, COURSE


@dataclass
class Details:
    """One student.

    Attributes:
        status: question -> right, wrong, not started, could not run.
        mistakes: ids of the misconceptions that were recognised.
        remarks: repairs, time-outs, lost kernels.
        code: the answers' code, one text.
    """

    student: str
    status: dict[str, str] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    code: str = ""


def read_details(student: str, course: Path = COURSE) -> Details:
    """Reads a student's autograded notebooks; what cannot be read is a remark."""
    details, answers = Details(student), []
    for path in sorted((course / "autograded" / student / ASSIGNMENT).glob("*.ipynb")):
        try:
            notebook = nbformat.read(path, as_version=4)
        except (OSError, ValueError) as error:
            details.remarks.append(f"{path.name} cannot be read: {error}")
            continue
        told = notebook.metadata.get("ps8", {})  # written by the grader: a student's outputs are not asked
        details.remarks += told.get("remarks", [])
        for question, verdict in told.get("verdicts", {}).items():
            details.status[question] = verdict["status"]
            details.mistakes += verdict["mistakes"]
        answers += [cell.source for cell in notebook.cells if cell.cell_type == "code" and is_solution(cell)]
    details.code = "\n".join(answers)
    return details
