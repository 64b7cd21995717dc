"""Where the builder reads and writes in a checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "assignment" / "course.toml"
LESSON = ROOT / "assignment" / "lesson"
KIT = ROOT / "assignment" / "ps8"
RELEASE = ROOT / "assignment" / "release"
GRADER = ROOT / "autograder"
SOURCE = GRADER / "source"
NBGRADER_CONFIG = GRADER / "nbgrader_config.py"
MISCONCEPTIONS = GRADER / "misconceptions"
CHANGES = GRADER / "explain" / "changes.py"  # of the counted questions about one's own code
PYPROJECT = ROOT / "pyproject.toml"
ENVIRONMENT = ROOT / "environment.yml"
BOOK_HTML = ROOT / "book" / "_build" / "html"
LICENSE = ROOT / "LICENSE"
