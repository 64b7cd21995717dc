"""The top of the page: how each question stands, why points were lost, and where to read on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task

from nbjudge.assignment import Assignment, plain_title
from nbjudge.ground import terminal
from nbjudge.ground.characters import one_line
from nbjudge.judge.verdict import Status, Verdict
from nbjudge.nbgrader_ext.verdict_outputs import SVG
from nbjudge.pages import safe
from nbjudge.pages.levels import Level, redacted
from nbjudge.record import Record

NO_RESPONSE = "No response."  # nbgrader's own comment on an answer that was left as it was
WORDS = {
    "right": "Right",
    "wrong": "Not all right yet",
    "not-started": "Not started",
    "could-not-run": "Could not be run",
    "waiting": "Waits for a person",
    "graded": "Graded",
}


@dataclass(frozen=True)
class PageLine:
    """A criterion, or a mistake that was recognised.

    Attributes:
        lost: points, >= 0.
        mistake: address of its entry in the book; empty if the answer equals no known mistake.
    """

    name: Markup
    points: float
    lost: float
    reason: Markup
    mistake: str = ""


@dataclass(frozen=True)
class QuestionRow:
    """One question.

    Attributes:
        state: a key of `WORDS`.
        section: address of its section in the book; empty if it has none.
        cell: anchor of the student's answer in this page; empty if there is none.
        figure: our own SVG, or empty.
        raised: what stopped the answer's own cell, if anything did.
        note: what else is to be known about the score.
        comments: the grader's, as HTML.
    """

    id: str
    title: str
    state: str
    score: float
    points: float
    section: str
    cell: str = ""
    lines: Sequence[PageLine] = ()
    figure: Markup = Markup("")  # noqa: RUF009
    caption: str = ""
    alt: str = ""
    raised: str = ""
    note: str = ""
    comments: Sequence[Markup] = field(default_factory=tuple)

    @property
    def words(self) -> str:
        return WORDS[self.state]

    @property
    def lost(self) -> list[PageLine]:
        return [line for line in self.lines if line.lost > 0]

    @property
    def kept(self) -> list[PageLine]:
        return [line for line in self.lines if line.lost <= 0]

    @property
    def open(self) -> bool:
        """Whether there is more to say than the state and the points."""
        return bool(self.lost or self.comments or self.note or self.state in ("wrong", "not-started", "could-not-run"))


def question_rows(nb: NotebookNode, assignment: Assignment, notebook: str, level: Level = "full") -> list[QuestionRow]:
    """A row for each graded cell of a notebook that `Grades` has filled in, in its order.

    Args:
        nb: the graded notebook.
        assignment: which it is of.
        notebook: the notebook's name.
        level: how much is said: without the numbers of the grader's inputs and pictures of them, or all.
    """
    verdicts = Record.of(nb).verdicts
    owners = owner_of(nb.cells)
    made = []
    for cell in nb.cells:
        if is_grade(cell) or is_task(cell):
            question = cell.metadata.nbgrader.grade_id
            answers = [c for c in nb.cells if _answers(c) and owners.get(c.metadata.nbgrader.grade_id) == question]
            verdict = Verdict.from_dict(verdicts[question]) if question in verdicts else None
            row = _row(cell, answers, verdict, assignment, notebook)
            made.append(row if level == "full" else _without_numbers(row, verdict))
    return made


def _without_numbers(row: QuestionRow, verdict: Verdict | None) -> QuestionRow:
    """The row as it is shown while one may still hand in again. The words of a known mistake are the catalogue's: they stay."""
    known = len(verdict.mistakes) if verdict else 0
    reasons = [line.reason for line in verdict.lines] if verdict else []
    lines = [
        line if k < known else replace(line, reason=safe.with_code(redacted(reason)))
        for k, (line, reason) in enumerate(zip(row.lines, reasons, strict=True))
    ]
    return replace(row, lines=lines, raised=redacted(row.raised), figure=Markup(""), caption="", alt="")


def owner_of(cells: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The question that each answer belongs to: its own if it is graded by hand, else that of the next test."""
    owners: dict[str, str] = {}
    waiting: list[str] = []
    for cell in cells:
        facts = cell["metadata"].get("nbgrader", {})
        if facts.get("task"):
            owners[facts["grade_id"]] = facts["grade_id"]
        elif facts.get("grade"):
            owners[facts["grade_id"]] = facts["grade_id"]
            if not facts.get("solution"):
                owners.update(dict.fromkeys(waiting, facts["grade_id"]))
                waiting = []
        elif facts.get("solution"):
            waiting.append(facts["grade_id"])
    return owners


def _answers(cell: NotebookNode) -> bool:
    """Whether a comment on an answer stands in a cell: an answer's own, or that of a task, which is answered in other cells."""
    return bool(is_solution(cell) or is_task(cell))


def answer_anchor(grade_id: str) -> str:
    """The anchor of an answer's cell."""
    return f"cell-{grade_id}"


def _row(
    cell: NotebookNode, answers: list[NotebookNode], verdict: Verdict | None, assignment: Assignment, notebook: str
) -> QuestionRow:
    facts = cell.metadata.nbgrader
    question, score, points = facts.grade_id, float(facts.score or 0), float(facts.points)
    ordinary = verdict is not None and verdict.ordinary
    said = [str(c.metadata.nbgrader.get("comment") or "") for c in answers]
    drawn = _drawing(cell) if verdict and verdict.status is Status.WRONG else {}
    return QuestionRow(
        id=question,
        title=plain_title(question) if ordinary else assignment.title(question),
        state=_state(verdict, bool(facts.get("waiting")), score, points, NO_RESPONSE in said),
        score=score,
        points=points,
        section="" if ordinary else assignment.section(question, notebook),
        cell=answer_anchor(answers[0].metadata.nbgrader.grade_id) if answers else "",
        lines=_lines(verdict, points, assignment) if verdict else (),
        raised=next((error for answer in answers if (error := raised(answer))), ""),
        note=_note(verdict, score, points),
        comments=[safe.markdown(comment) for comment in said if comment and comment != NO_RESPONSE],
        **drawn,
    )


def _state(verdict: Verdict | None, waiting: bool, score: float, points: float, untouched: bool) -> str:
    if waiting:
        return "waiting"
    if verdict is None:
        return "not-started" if untouched and not score else "graded"
    if score >= points:
        return "right"
    return "wrong" if verdict.status is Status.RIGHT else verdict.status.value.replace(" ", "-")


def _lines(verdict: Verdict, points: float, assignment: Assignment) -> list[PageLine]:
    """The verdict's lines on the scale of the cell's points."""
    links = [assignment.mistake(id) for id in verdict.mistakes]
    links += [""] * (len(verdict.lines) - len(links))
    return [
        PageLine(
            safe.with_code(line.name),
            line.points,
            round(line.points - line.earned, 2),
            safe.with_code(line.reason),
            link,
        )
        for line, link in zip(verdict.worth(points).lines, links, strict=True)
    ]


def _note(verdict: Verdict | None, score: float, points: float) -> str:
    if verdict is not None and verdict.ordinary:
        return " ".join(verdict.remarks)
    if verdict is None or not verdict.points or math.isclose(score, verdict.worth(points).score, abs_tol=0.01):
        return ""
    return f"Your instructor has looked at this and set it to {score:g} points."


def raised(cell: Mapping[str, Any]) -> str:
    """The error that a cell ended in, as in `SyntaxError: invalid syntax`."""
    for told in cell.get("outputs", ()):
        if told.get("output_type") == "error":
            return one_line(terminal.output(f"{told.get('ename', '')}: {told.get('evalue', '')}").strip().split("\n")[0])
    return ""


def _drawing(cell: NotebookNode) -> dict[str, Any]:
    """Our own picture, from the outputs of a test cell: those are never the student's."""
    for output in cell.get("outputs", ()):
        data: Mapping[str, Any] = output.get("data", {})
        if SVG in data:
            svg = "".join(data[SVG])
            return {
                "figure": Markup(svg),
                "caption": str(output.get("metadata", {}).get("caption", "")),
                "alt": "".join(data.get("text/plain", "")),
            }
    return {}
