"""The report's table of what differs between two rows of the results: read from its cell, never run."""

from __future__ import annotations

from autograder.questions.report_differences.question import judge_differences
from autograder.questions.shared.judged import Judged

JUDGED = Judged(read=judge_differences)
