"""Where things are in a checkout."""

from __future__ import annotations

from pathlib import Path

COURSE = Path(__file__).resolve().parent  # nbgrader's course directory
ROOT = COURSE.parent
SOLUTION = ROOT / "solution"
KIT = ROOT / "assignment" / "ps8"
COLLECTOR = COURSE / "collector"
DATA = ROOT / "data_cache"
ASSIGNMENT = "ps8"
