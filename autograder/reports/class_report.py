"""The class in one self-contained HTML page: scores, questions, mistakes, and who needs a human's look."""

from __future__ import annotations

import os
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from assignment.builder.course import load_course
from autograder.judge.questions import QUESTIONS
from autograder.misconceptions.catalogue import catalogue
from autograder.paths import COURSE
from autograder.reports.details import Details, read_details
from autograder.reports.scores import Row, questions
from autograder.reports.similar import Pair, similar_pairs

TEMPLATE = Path(__file__).with_name("class_report.html.j2")
BINS = 10
NAMED = 4  # students that one reason names


@dataclass(frozen=True)
class QuestionRow:
    """A question's figures.

    Attributes:
        share: mean share of the points, in [0, 1]: 1 is easy.
        discrimination: correlation of the question's score with the rest of the total, in [-1, 1]; None if it cannot be told.
        statuses: how many students stand how.
    """

    id: str
    title: str
    points: float
    share: float
    discrimination: float | None
    statuses: dict[str, int]


def question_rows(rows: Sequence[Row], details: Sequence[Details]) -> list[QuestionRow]:
    """The figures of each question, in the lesson's order."""
    made = []
    for question, points in questions().items():
        graded = [row for row in rows if row.scores.get(question) is not None]
        scores = [row.scores[question] or 0.0 for row in graded]
        rest = [row.total - score for row, score in zip(graded, scores, strict=True)]
        made.append(
            QuestionRow(
                question,
                QUESTIONS[question].title if question in QUESTIONS else question.capitalize(),
                points,
                statistics.fmean(scores) / points if scores else 0.0,
                correlation(scores, rest),
                dict(Counter(d.status[question] for d in details if question in d.status)),
            )
        )
    return made


def correlation(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Pearson's correlation, None where one side does not vary."""
    if len(x) < 3 or len(set(x)) < 2 or len(set(y)) < 2:
        return None
    return round(statistics.correlation(x, y), 2)


def histogram(totals: Sequence[float], best: float) -> list[dict[str, Any]]:
    """How many totals lie in each tenth of the points; a total above the best (a bonus) counts in the last."""
    counts = Counter(min(BINS - 1, int(BINS * total / best)) for total in totals)
    most = max(counts.values(), default=1)
    return [
        {"from": best * i / BINS, "to": best * (i + 1) / BINS, "count": counts[i], "height": counts[i] / most}
        for i in range(BINS)
    ]


def needs_a_look(rows: Sequence[Row], details: Sequence[Details], pairs: Sequence[Pair]) -> list[tuple[str, list[str]]]:
    """Student -> reasons, for those whom a human should look at."""
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if len(row.waiting) == len(row.scores):
            reasons[row.student] = [f"not graded: `autograder grade ps8 --students {row.student}` says why"]
    for detail in details:
        stopped = [question for question, status in detail.status.items() if status == "could not run"]
        if stopped:
            reasons.setdefault(detail.student, []).append(f"could not be run: {', '.join(stopped)}")
        for remark in detail.remarks:
            reasons.setdefault(detail.student, []).append(remark)
    for student, likes in likenesses(pairs).items():
        names = [f"{other} ({likeness:.0f} %)" for other, likeness in likes[:NAMED]]
        more = f" and {len(likes) - NAMED} more" if len(likes) > NAMED else ""
        reasons.setdefault(student, []).append(f"answers nearly the same as those of {', '.join(names)}{more}")
    return sorted(reasons.items())


def likenesses(pairs: Sequence[Pair]) -> dict[str, list[tuple[str, float]]]:
    """For each student in a pair the others, most alike first."""
    found: dict[str, list[tuple[str, float]]] = {}
    for pair in pairs:
        found.setdefault(pair.one, []).append((pair.other, pair.likeness))
        found.setdefault(pair.other, []).append((pair.one, pair.likeness))
    return found


def class_report(rows: Sequence[Row], course: Path = COURSE, released: str = "") -> str:
    """The page's HTML. Every text of a student is escaped."""
    details = [read_details(row.student, course) for row in rows]
    known = {m.id: m for m in catalogue()}
    mistakes = Counter(mistake for detail in details for mistake in detail.mistakes)
    pairs = similar_pairs({d.student: d.code for d in details}, released)
    totals = [row.total for row in rows]
    facts = load_course()
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(TEMPLATE.read_text()).render(
        course=facts,
        rows=rows,
        waiting=sum(bool(row.waiting) for row in rows),
        mean=statistics.fmean(totals) if totals else 0.0,
        median=statistics.median(totals) if totals else 0.0,
        bins=histogram(totals, float(facts.total)),
        questions=question_rows(rows, details),
        mistakes=[(known[m], count) for m, count in mistakes.most_common() if m in known],
        look=needs_a_look(rows, details, pairs),
        pairs=pairs,
        points=questions(),
    )


def write_class_report(rows: Sequence[Row], path: Path, course: Path = COURSE, released: str = "") -> None:
    """Writes the page in one step."""
    partial = path.with_suffix(".part")
    partial.write_text(class_report(rows, course, released), encoding="utf-8")
    os.replace(partial, path)
