"""The report's table of what differs between two rows of the results: an answer that is data."""

from __future__ import annotations

from ps8.questions.report_differences.check import check_report_differences
from ps8.questions.report_differences.comparisons import NAME
from ps8.questions.shared.room import Room

ROOM = Room((NAME,), check_report_differences)
