"""What the graded notebooks say beyond the scores: verdicts, recognised mistakes, remarks, and the answers themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbjudge.assignment import Assignment
from nbjudge.grade.failures import reason
from nbjudge.grade.student_names import shown_student
from nbjudge.nbgrader_ext.execute import CUDA_REMARK
from nbjudge.pages.rows import owner_of, raised
from nbjudge.record import Record
from nbjudge.reports.similar import OWN_CELLS
from nbjudge.workspace import Workspace


@dataclass
class Details:
    """One student.

    Attributes:
        status: question -> right, wrong, not started, could not run.
        reasons: question -> why it could not be run.
        mistakes: ids of the misconceptions that were recognised.
        unnamed: questions that are wrong in a way that equals no known mistake.
        repairs: what was put right before grading.
        lost: those of `repairs` that tell of answers that were not found, or could not be read.
        remarks: what else should be looked at: time-outs, lost kernels, weights that give other numbers.
        unreadable: whether nothing of a handed-in file could be read.
        unread: the questions of such files.
        answers: question -> what the student wrote there, code or words; under `OWN_CELLS` the code of other cells.
    """

    student: str
    status: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unreadable: bool = False
    unread: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)


def read_details(student: str, workspace: Workspace) -> Details:
    """Reads a student's graded notebooks; what cannot be read is a remark."""
    details = Details(student)
    for path in sorted(workspace.autograded(student).glob("*.ipynb")):
        try:
            notebook = json.loads(path.read_text("utf-8"))  # the grader wrote it: to validate it again takes ten times longer
            _add(details, _taken(student, notebook, workspace.assignment))
        except Exception as error:  # whatever a damaged file holds, down to brackets a thousand deep
            place = f"autograded/{shown_student(student)}/{workspace.id}/{path.name}"
            details.remarks.append(f"{place} cannot be read ({reason(error)}): grade it again")
    return details


def _add(details: Details, more: Details) -> None:
    """Adds what another notebook says."""
    for mine, other in ((details.status, more.status), (details.reasons, more.reasons), (details.answers, more.answers)):
        mine.update(other)
    details.mistakes += more.mistakes
    details.unnamed += more.unnamed
    details.repairs += more.repairs
    details.remarks += more.remarks
    details.lost += more.lost
    details.unreadable |= more.unreadable
    details.unread += more.unread


def _taken(student: str, notebook: Mapping[str, Any], assignment: Assignment) -> Details:
    """What one notebook says, all of it or nothing. Only its metadata is asked for verdicts: outputs may be a student's."""
    told = Record.of(notebook)
    details = Details(student, repairs=told.repairs, lost=told.lost, unreadable=told.unreadable)
    if details.unreadable:
        facts = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"]]
        details.unread = [fact["grade_id"] for fact in facts if fact.get("grade")]
    silent = (*details.repairs, CUDA_REMARK)
    details.remarks = [r for r in told.remarks if r not in silent and not assignment.of_no_concern(r)]
    for question, verdict in told.verdicts.items():
        status = details.status[question] = _texts([verdict["status"]])[0]
        mistakes = _texts(verdict["mistakes"])
        details.mistakes += mistakes
        if status == "could not run":
            details.reasons[question] = next(iter(_texts([line["reason"] for line in verdict["lines"]])), "")
        elif status == "wrong" and not mistakes:
            details.unnamed.append(question)
    if own := _own_code(notebook["cells"]):
        details.answers[OWN_CELLS] = "\n".join([details.answers.get(OWN_CELLS, ""), *own]).strip("\n")
    for question, cell in _answers(notebook["cells"]):
        source = _source(cell)
        details.answers[question] = f"{details.answers.get(question, '')}\n{source}".strip("\n")
        if question in details.reasons and (error := raised(cell)):  # says more than what followed from it
            details.reasons[question] = f"its cell stopped with `{error}`"
    return details


def _texts(values: list[Any]) -> list[str]:
    """A list of texts, as the grader writes it."""
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{values!r} is no list of texts")
    return list(values)


def _source(cell: Mapping[str, Any]) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def _own_code(cells: list[dict[str, Any]]) -> list[str]:
    """The code of the student's own cells: neither answers nor given."""
    return [_source(c) for c in cells if c["cell_type"] == "code" and not c["metadata"].get("nbgrader", {}).get("grade_id")]


def _answers(cells: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """The answers' cells, each with its question."""
    owners = owner_of(cells)
    names = [(cell, cell["metadata"].get("nbgrader", {})) for cell in cells]
    return [(owners.get(facts["grade_id"], facts["grade_id"]), cell) for cell, facts in names if facts.get("solution")]
