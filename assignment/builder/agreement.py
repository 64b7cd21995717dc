"""Places that speak of the same questions and must agree: what one of them lacks is said before anybody is graded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from assignment.builder.checkout import QUESTIONS
from assignment.builder.lesson_cells import Check, Lesson
from assignment.builder.schema import nearest

KIT_HALF, JUDGED_HALF = "the student kit (assignment/ps8/questions)", "the judge (autograder/questions)"


def disagreements(places: Mapping[str, Collection[str]]) -> list[str]:
    """Each question that is in some of the places, but not in all, a line each.

    Args:
        places: what speaks of the questions, in words -> the questions that it knows.
    """
    found = []
    for question in dict.fromkeys(name for names in places.values() for name in names):
        there = [place for place, names in places.items() if question in names]
        lacking = {place: names for place, names in places.items() if question not in names}
        if lacking:
            others = {name for names in lacking.values() for name in names if any(name not in places[place] for place in there)}
            near = nearest(question, sorted(others - {question}))
            meant = f"; there it may be called {near}" if near else ""
            found.append(f"question {question} is in {listed(there)}, but not in {listed(lacking)}{meant}")
    return found


def half_problems(lessons: Sequence[Lesson], hidden: Path = QUESTIONS) -> list[str]:
    """Where the lessons' checks and the two halves of the questions disagree: such a check could not run, or not be judged.

    Args:
        lessons: of the assignment.
        hidden: folder of the hidden halves. It is not imported: the grader needs more than the build has.
    """
    from ps8.questions import ROOMS  # brings torch

    asked = [cell.question for lesson in lessons for cell in lesson.cells if isinstance(cell, Check)]
    judged = [path.parent.name for path in sorted(hidden.glob("*/__init__.py")) if path.parent.name != "shared"]
    return disagreements({"the lessons' checks": asked, KIT_HALF: ROOMS, JUDGED_HALF: judged})


def listed(places: Collection[str]) -> str:
    """Places in a sentence."""
    *first, last = places
    return f"{', '.join(first)} and {last}" if first else last
