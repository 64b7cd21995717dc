"""A grader for nbgrader courses: student code runs in a jail, and the verdict is made outside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from traitlets.config import Config

CONFIG = "nbgrader_config.py"


class OnlyNames(Config):
    """What `get_config()` gives where a course is asked for its assignments alone: then nothing of nbgrader is needed."""


@contextmanager
def guarded() -> Iterator[None]:
    """In a `nbgrader_config.py`: what raises here ends the command.

    nbgrader logs what such a file raises and goes on as if there were none; then student code would run with your rights.

    Raises:
        SystemExit: with what was raised, in words.
    """
    try:
        yield
    except Exception as error:
        raise SystemExit(f"nbgrader_config.py cannot be read, so nothing is run: {type(error).__name__}: {error}") from error


def configure(c: Any, *assignments: Any) -> None:
    """For a course's `nbgrader_config.py`: has nbgrader's commands jail, repair and judge, its assignments as they say."""
    with guarded():
        if isinstance(c, OnlyNames):
            for assignment in assignments:
                import_module("nbjudge.assignment").register_assignment(assignment)
            return
        # Imported by name: nothing of nbgrader is needed before, and no key of evidence is to hang on all of it.
        import_module("nbjudge.nbgrader_ext.config").configure(c, *assignments)
