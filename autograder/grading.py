"""What `course.toml` says about grading: the bounds of a hand-in, and the choices about the jail."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager

from nbjudge.jail import Limits, Settings

from assignment.builder.course import Course, load_course
from assignment.builder.problem import BuildError


@functools.cache
def course() -> Course:
    """The course's facts, read once."""
    return load_course()


def limits() -> Limits:
    with _told():
        return Limits.from_mapping(course().limits)


def jail_settings() -> Settings:
    table = course().tables.get("grading", {})
    with _told():
        return Settings.from_mapping({name: value for name, value in table.items() if name != "limits"})


@contextmanager
def _told() -> Iterator[None]:
    """A choice that the grader refuses is said as a fault of `course.toml` is, without a traceback."""
    try:
        yield
    except ValueError as error:
        raise BuildError(str(error)) from None
