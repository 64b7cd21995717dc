"""Where the builder reads and writes in a checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "assignment" / "course.toml"
LESSON = ROOT / "assignment" / "lesson"
KIT = ROOT / "assignment" / "ps8"
REPAIR = ROOT / "nbjudge" / "src" / "nbrepair"  # what the kit shares with the grader
SOLUTION = ROOT / "solution"
RELEASE = ROOT / "assignment" / "release"
GRADER = ROOT / "autograder"
SOURCE = GRADER / "source"
NBGRADER_CONFIG = GRADER / "nbgrader_config.py"
QUESTIONS = GRADER / "questions"  # their hidden halves
PYPROJECT = ROOT / "pyproject.toml"
NBJUDGE_PYPROJECT = ROOT / "nbjudge" / "pyproject.toml"
ENVIRONMENT = ROOT / "environment.yml"
BOOK_HTML = ROOT / "book" / "_build" / "html"
LICENSE = ROOT / "LICENSE"
CREDITS = ROOT / "data_cache" / "CREDITS.md"  # of the sample's photographs
