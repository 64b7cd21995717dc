"""What must agree on the questions before a class is graded: course.toml, the instructor's notebooks, the kit and the judge."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ps8.checks import CHECKS, FORMS
from ps8.checks.finding import TITLES
from ps8.probes import PROBES, READ

from assignment.builder.registries import disagreements
from autograder import grading
from autograder.catalogue import catalogue
from autograder.figures.choose import DRAWN
from autograder.judge.questions import QUESTIONS
from autograder.judge.read import READERS
from autograder.paths import ASSIGNMENT, COURSE

JUDGED = {
    "the judge (autograder/judge)": (*QUESTIONS, *READERS),
    "the probes (ps8.probes.PROBES)": (*PROBES, *READ),
    "the student's checks (ps8.checks.CHECKS)": (*CHECKS, *FORMS),
    "their titles (ps8.checks.finding.TITLES)": tuple(TITLES),
    "the pictures (autograder/figures/choose.py)": (*DRAWN, *READERS),  # of data there are none, nor known mistakes
}


def problems(course: Path = COURSE) -> list[str]:
    """A line for each question on which they disagree; none if a class can be graded.

    A test cell that none of the judge's registries knows is no problem: it is an ordinary test of nbgrader's.

    Args:
        course: nbgrader's course directory, whose `source` is read once.
    """
    mistaken = {misconception.question for misconception in catalogue()}
    return compared(grading.course().points, list(_graded_cells(course)), {**JUDGED, _CATALOGUE: (*mistaken, *READERS)})


_CATALOGUE = "the catalogue of mistakes (autograder/misconceptions/catalogue)"


def compared(points: Mapping[str, float], cells: list[tuple[str, bool]], judged: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The problems of given registries.

    Args:
        points: question -> points.
        cells: of the instructor's notebooks: grade id, and whether the cell is a test.
        judged: what knows how a question is judged, in words -> its questions.
    """
    known = dict.fromkeys(question for questions in judged.values() for question in questions)
    tests = [question for question, is_test in cells if is_test]
    ordinary = {question for question in tests if question not in known and question not in points}
    in_source = [question for question, _ in cells if question not in ordinary]
    graded = {"[points] of course.toml": tuple(points), "the graded cells of source": in_source}
    found = disagreements(graded)
    told = {line.split()[1] for line in found}  # once is enough
    of_tests = {"the test cells of source": [question for question in tests if question in known], **judged}
    return found + [line for line in disagreements(of_tests) if line.split()[1] not in told]


def _graded_cells(course: Path) -> Iterator[tuple[str, bool]]:
    """The graded cells of the instructor's notebooks, each with whether it is a test."""
    for path in sorted((course / "source" / ASSIGNMENT).glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            facts: Mapping[str, Any] = cell["metadata"].get("nbgrader", {})
            if facts.get("grade"):
                yield facts["grade_id"], not facts.get("solution")
