"""The course directory that a preprocessor works for."""

from __future__ import annotations

import re
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


def only(student: str) -> str:
    """A student's id as nbgrader's commands want it: a pattern, from which they strip spaces that stand at its ends.

    Raises:
        ValueError: if the folder's name is a pattern itself, which nbgrader would match with other students' folders.
    """
    if set(student) & set("*?["):
        raise ValueError(f"nbgrader takes *, ? and [ in a folder's name for a pattern: rename the folder {student}")
    return re.sub(r"^\s|\s$", lambda match: f"[{match[0]}]", student)
