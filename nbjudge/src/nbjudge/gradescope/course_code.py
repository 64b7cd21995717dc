"""What grading imports or reads besides nbjudge and nbgrader's course directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CourseCode:
    """Parts of a folder that have to be on another machine, at the same places below some folder there.

    Attributes:
        root: the folder.
        parts: files and folders in it, by their paths from there.
        import_from: folders in it that Python looks for modules in, by their paths from there; empty for itself.
    """

    root: Path
    parts: tuple[str, ...]
    import_from: tuple[str, ...] = ("",)
