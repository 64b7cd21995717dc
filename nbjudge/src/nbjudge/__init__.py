"""A grader for nbgrader courses: student code runs in a jail, and the verdict is made outside it."""

from __future__ import annotations

from typing import Any


def configure(c: Any, *assignments: Any) -> None:
    """For a course's `nbgrader_config.py`: has nbgrader's commands jail, repair and judge, its assignments as they say."""
    from nbjudge.nbgrader_ext import config  # nothing of nbgrader is imported before it is needed

    config.configure(c, *assignments)
