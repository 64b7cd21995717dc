"""`results.json` of each student, after gradescope-autograders.readthedocs.io, Autograder Specifications."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nbformat.reader import NotJSONError

from nbjudge.export.grades import Grade, number
from nbjudge.ground import notebooks
from nbjudge.judge.verdict import Verdict
from nbjudge.pages.levels import Level, redacted
from nbjudge.record import Record
from nbjudge.reports.scores import Sheet, StudentScores
from nbjudge.workspace import Workspace


def results(grade: Grade, row: StudentScores, sheet: Sheet, workspace: Workspace, level: Level) -> dict[str, Any]:
    """What the file says of a student of whom something is graded.

    Gradescope wants a number: it is that so far, and what waits is said.

    Args:
        grade: the student's.
        row: the scores.
        sheet: what they are about.
        workspace: where the graded notebooks are.
        level: how much is said of a reason.
    """
    lines = [f"{grade.state.value.capitalize()}."]
    if row.waiting:
        lines = [f"{number(row.total)} points so far. Waits for grading by hand: {', '.join(map(sheet.title, row.waiting))}."]
    if row.late:
        lines.append(f"{number(row.late)} points lost for being late.")
    verdicts = _verdicts(grade, workspace)
    return {
        "score": row.total,
        "visibility": "visible",
        "output_format": "text",
        "output": "\n".join(lines),
        "tests": [_test(question, row.scores.get(question), sheet, verdicts.get(question), level) for question in sheet.points],
        "extra_data": {"assignment": sheet.id, "max": sheet.total, "state": grade.state.value},
    }


def _test(question: str, score: float | None, sheet: Sheet, verdict: Verdict | None, level: Level) -> dict[str, Any]:
    bonus, most = question in sheet.bonus, sheet.points[question]
    test: dict[str, Any] = {"name": sheet.title(question) + (" (on top of the total)" if bonus else "")}
    if score is None:
        return {**test, "output": f"Waits for grading by hand; up to {number(most)} points."}
    test |= {"score": score, "max_score": 0 if bonus else most}  # more than its maximum: extra credit
    if not bonus:
        test["status"] = "passed" if score >= most else "failed"
    if verdict is not None:
        test["output"] = "\n".join(_words(verdict.worth(most), level))
    return test


def _words(verdict: Verdict, level: Level) -> Iterator[str]:
    """How an answer stands, and why points were lost."""
    yield f"{verdict.status.value.capitalize()}."
    lost = [line for line in verdict.lines if line.earned < line.points]
    if len(lost) > 1 and len({line.reason for line in lost}) == 1 and not verdict.mistakes:  # as of what is not started
        yield _said(lost[0].reason, level)
        yield from (line.name for line in lost)
        return
    for place, line in enumerate(verdict.lines):
        if line.earned < line.points:
            known = place < len(verdict.mistakes)  # what a known mistake says is the catalogue's, and no number of the grader's
            reason = line.reason if known else _said(line.reason, level)
            yield f"{line.name}: {reason}" if reason else line.name


def _said(reason: str, level: Level) -> str:
    return reason if level == "full" else redacted(reason)


def _verdicts(grade: Grade, workspace: Workspace) -> dict[str, Verdict]:
    """What the judge said, from the graded notebooks; nothing of one that cannot be read."""
    found: dict[str, Verdict] = {}
    for path in sorted(workspace.autograded(grade.student.id).glob("*.ipynb")):
        try:
            told = Record.of(notebooks.read(path)).verdicts
            found |= {question: Verdict.from_dict(verdict) for question, verdict in told.items()}
        except (OSError, ValueError, KeyError, TypeError, NotJSONError):  # the scores are the gradebook's all the same
            continue
    return found
