"""The report's table of what differs between two rows of the results: an answer that is data."""

from __future__ import annotations

from ps8.questions.shared.room import Room

from .check import check_report_differences
from .comparisons import NAME

ROOM = Room((NAME,), check_report_differences)
