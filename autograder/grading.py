"""What `course.toml` says about grading: the bounds of a hand-in, and the choices about the jail."""

from __future__ import annotations

import functools

from assignment.builder.course import Course, load_course
from autograder.jail import Limits, Settings


@functools.cache
def course() -> Course:
    """The course's facts, read once."""
    return load_course()


def limits() -> Limits:
    return Limits.from_mapping(course().limits)


def jail_settings() -> Settings:
    table = course().tables.get("grading", {})
    return Settings.from_mapping({name: value for name, value in table.items() if name != "limits"})
