"""What `course.toml` says about grading: the bounds of a submission, and the choices about the jail."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nbjudge.assignment import Refusal

from assignment.builder.course_config import Course, load_course
from assignment.builder.problem import BuildError
from autograder.kernel_setup import ps8_settings

if TYPE_CHECKING:
    from nbjudge.jail import JailSettings, Limits


@functools.cache
def course() -> Course:
    """The course's facts, read once.

    Raises:
        Refusal: naming every fault of `course.toml`.
    """
    try:
        return load_course()
    except BuildError as error:
        raise Refusal(str(error)) from None


def limits() -> Limits:
    """The bounds of a submission."""
    from nbjudge.jail import Limits

    with _told():
        return Limits.from_mapping(course().limits)


def jail_settings() -> JailSettings:
    """What a kernel is given."""
    table = course().tables.get("grading", {})
    with _told():
        return ps8_settings().with_choices({name: value for name, value in table.items() if name != "limits"})


def late_terms() -> dict[str, float]:
    """What being late costs: the traits of `nbjudge.policies.late_policy.LatePolicy` that the course sets."""
    return {name: value for name, value in course().tables.get("policy", {}).items() if name != "bonus_cap"}


def bonus_cap() -> float | None:
    """The most points that the bonus may bring; None for all that it has."""
    cap = course().tables.get("policy", {}).get("bonus_cap")
    return None if cap is None else float(cap)


@contextmanager
def _told() -> Iterator[None]:
    """A choice that the grader refuses is said as a fault of `course.toml` is, without a traceback."""
    try:
        yield
    except ValueError as error:
        raise Refusal(str(error)) from None
