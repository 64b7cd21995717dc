"""From the last answer to the receipt: what is done and what is missing, a dry run of the grading, and the file to hand in."""

from __future__ import annotations

from .overview import status
from .submission import submit

__all__ = ["status", "submit"]
