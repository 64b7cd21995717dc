"""What must agree on the questions before a class is graded: course.toml, the instructor's notebooks, the kit and the judge."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ps8.questions import ROOMS as PUBLIC

from assignment.builder.agreement import JUDGED_HALF, KIT_HALF, disagreements
from autograder import grading_config
from autograder.catalogue import catalogue
from autograder.paths import ASSIGNMENT, COURSE
from autograder.questions import READERS, ROOMS

JUDGED = {
    JUDGED_HALF: tuple(ROOMS),
    KIT_HALF: tuple(PUBLIC),
}


def problems(course: Path = COURSE) -> list[str]:
    """A line for each question on which they disagree; none if a class can be graded.

    A test cell that none of the judge's registries knows is no problem: it is an ordinary test of nbgrader's.

    Args:
        course: nbgrader's course directory, whose `source` is read once.
    """
    mistaken = {misconception.question for misconception in catalogue()}
    known = {**JUDGED, _CATALOGUE: (*mistaken, *READERS)}  # of answers that are data there are no known mistakes
    return compared(grading_config.course().points, list(_graded_cells(course)), known)


_CATALOGUE = "the known mistakes (autograder/questions/NAME/mistakes.toml)"


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
