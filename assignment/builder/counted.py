"""Counted questions about one's own code, as `[explain]` of course.toml has them: none, a bonus, or within the questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assignment.builder.checkout import KIT

EXPLAIN = "explain"  # the grade id of their cell where they are a bonus; also the name of the dictionary of a student's answers
OFF, BONUS, WITHIN = GRADED = ("off", "bonus", "within")
# The questions that have them: what is asked stands in the kit, which brings torch, so that it is not imported here.
COUNTED = tuple(sorted(path.parent.name for path in (KIT / "questions").glob("*/counted.py")))


def counted(points: Mapping[str, Any]) -> tuple[str, ...]:
    """The questions of a course that have one."""
    return tuple(question for question in points if question in COUNTED)


def points_of(points: Mapping[str, Any], graded: str, each: float) -> dict[str, Any]:
    """What each question is worth, the bonus for the counted ones among them if they are one."""
    return {**points, **({EXPLAIN: each * len(counted(points))} if graded == BONUS else {})}


def counted_faults(points: Mapping[str, Any], graded: str, each: float) -> list[str]:
    """What of `[explain]` does not go with `[points]`, a line each."""
    if EXPLAIN in points:
        return [f"[points] {EXPLAIN} is not for you to set: [explain] points says what each counted question is worth"]
    if graded != OFF and not counted(points):
        return [f'[explain] graded is "{graded}", but no question of [points] has a counted one: write "{OFF}"']
    told = "[explain] points is {:g}, but {} is worth {:g}: nothing would be left for the function itself"
    small = [name for name in counted(points) if graded == WITHIN and each >= points[name]]
    return [told.format(each, name, points[name]) for name in small]
