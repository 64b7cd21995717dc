"""The course directory that a preprocessor works for."""

from __future__ import annotations

from typing import Any

from nbgrader.coursedir import CourseDirectory


def course_of(configurable: Any) -> CourseDirectory:
    """The course directory of the converter above a preprocessor; that of the configuration if there is none above."""
    above = configurable
    while above is not None:
        if isinstance(found := getattr(above, "coursedir", None), CourseDirectory):
            return found
        above = getattr(above, "parent", None)
    return CourseDirectory(config=configurable.config)
