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
    """A student's id as nbgrader's commands want it: a pattern, from which they strip blanks that stand at its ends."""
    return re.sub(r"[*?[]|^\s|\s\Z", lambda match: f"[{match[0]}]", student)
