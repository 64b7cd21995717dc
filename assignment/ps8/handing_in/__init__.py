"""What is done and what is missing, a corrected release in between, a dry run of the grading, and the file to hand in."""

from __future__ import annotations

from .correction import update
from .overview import status
from .submission import submit

__all__ = ["status", "submit", "update"]
