"""The report's table of what differs between two rows of the results: read from its cell, never run."""

from __future__ import annotations

from autograder.questions.shared.judged import Judged

from .question import judge_differences

JUDGED = Judged(read=judge_differences)
