"""The class in one self-contained HTML page: scores, questions, mistakes, and who needs a human's look."""

from __future__ import annotations

import base64
import hashlib
import os
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from nbjudge.assignment import Assignment
from nbjudge.grade.failures import Failures
from nbjudge.grade.student_names import shown_student
from nbjudge.ground.atomic_files import write_whole
from nbjudge.pages import safe
from nbjudge.reports.attention import KINDS, counts, looks
from nbjudge.reports.details import Details, read_details
from nbjudge.reports.items import items
from nbjudge.reports.look import HERE, page_templates
from nbjudge.reports.plots import distribution, quality
from nbjudge.reports.scores import Sheet, StudentScores
from nbjudge.reports.similar import similar_pairs
from nbjudge.workspace import Workspace

STATUSES = ("right", "wrong", "not started", "could not run")
SHADES = 4  # of a score in the table


@dataclass(frozen=True)
class MistakeRow:
    """A known mistake and how many made it."""

    question: str
    name: str
    costs: float
    count: int
    link: str


def mistake_rows(details: Sequence[Details], assignment: Assignment) -> list[MistakeRow]:
    """The recognised mistakes, the most frequent first."""
    known = assignment.mistakes()
    found = Counter(mistake for detail in details for mistake in detail.mistakes)
    return [
        MistakeRow(assignment.title(known[m].question), known[m].name, known[m].costs, n, assignment.mistake(m))
        for m, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))
        if m in known
    ]


def class_report(rows: Sequence[StudentScores], workspace: Workspace, sheet: Sheet, released: str = "") -> str:
    """The page's HTML. Every text of a student is escaped, and names are as they can be shown."""
    details = [_details(row, workspace) for row in rows]
    pages = {shown_student(row.student): _page(row.student, workspace) for row in rows}
    rows = [replace(row, student=shown_student(row.student)) for row in rows]
    facts, points = workspace.assignment.facts(), sheet.points
    code = {question for detail in details for question in detail.status}
    pairs = similar_pairs({d.student: d.answers for d in details}, released, code, sheet.read)
    found = looks(rows, details, pairs, sheet)
    totals = [row.total for row in rows if row.graded]
    mean, median = (statistics.fmean(totals), statistics.median(totals)) if totals else (0.0, 0.0)
    figures = items(rows, details, sheet)
    script = (HERE / "sort.js").read_text("utf-8")
    return (
        page_templates(HERE)
        .get_template("class_report.html.j2")
        .render(
            course=facts,
            sheet=sheet,
            rows=rows,
            points=points,
            titles={question: sheet.title(question) for question in points},
            shades={row.student: {q: _shade(row.scores.get(q), p) for q, p in points.items()} for row in rows},
            pages=pages,
            waiting=sum(bool(row.waiting) and row.graded for row in rows),
            mean=mean,
            median=median,
            deviation=statistics.pstdev(totals) if totals else 0.0,
            distribution=distribution(totals, float(sheet.total), mean, median),
            items=figures,
            answered=max((item.graded for item in figures), default=0),
            quality=quality(figures),
            statuses=STATUSES,
            mistakes=mistake_rows(details, workspace.assignment),
            unnamed=sum(len(detail.unnamed) for detail in details),
            looks=found,
            kinds=[(kind, KINDS[kind], n) for kind, n in counts(found).items()],
            with_code=safe.with_code,
            script=Markup(script),
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


def _details(row: StudentScores, workspace: Workspace) -> Details:
    """What a student's notebooks say, and what went wrong with the gradebook or the last grading."""
    details = read_details(row.student, workspace)
    failed = Failures(workspace.graded).of(row.student)
    if failed:
        old = ": what stands here is of an earlier one" if row.graded else ""
        details.remarks.insert(0, f"The last grading failed{old}. {failed}")
    if row.problem:
        details.remarks.insert(0, row.problem)
    return replace(details, student=shown_student(row.student))


def _shade(score: float | None, points: float) -> str:
    """The class of a score's cell: none of the points, some of them; nothing for all of them, or where there are none yet."""
    if score is None or score >= points:
        return ""
    return f"s{min(SHADES - 1, round(SHADES * max(0.0, score / points)))}"


def _page(student: str, workspace: Workspace) -> str:
    """Where the page of a student's main notebook is, from the report; empty if there is none."""
    page = f"{workspace.main}.html"
    there = (workspace.feedback(student) / page).is_file()
    return f"feedback/{quote(os.fsencode(student))}/{workspace.id}/{page}" if there else ""


def write_class_report(
    rows: Sequence[StudentScores], path: Path, workspace: Workspace, sheet: Sheet, released: str = ""
) -> None:
    """Writes the page in one step."""
    write_whole(path, class_report(rows, workspace, sheet, released))
