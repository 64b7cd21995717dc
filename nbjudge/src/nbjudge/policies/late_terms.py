"""What being late costs, as a rule: grace, days begun, days that are free, a share of the points for each day that is left."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

DAY = 86_400


@dataclass(frozen=True)
class Terms:
    """A course's.

    Attributes:
        grace_minutes: in which nothing is late; who is later than that is late from the deadline on.
        penalty_per_day: share of the earned points that each day begun costs, from 0 to 1.
        latest_days: days after which nothing counts any more; 0 for none such.
        late_days: days begun that a student may be late in the whole course without a penalty.
    """

    grace_minutes: float = 0.0
    penalty_per_day: float = 0.0
    latest_days: int = 0
    late_days: int = 0

    def days(self, seconds_late: float) -> int:
        """The days begun."""
        return math.ceil(seconds_late / DAY) if seconds_late > 60 * self.grace_minutes else 0

    def share(self, seconds_late: float, free: int = 0) -> float:
        """The share of the points that is lost, from 0 to 1.

        Args:
            seconds_late: after the deadline, and any extension.
            free: days of the student's that are used for it.
        """
        days = self.days(seconds_late)
        if self.latest_days and days > self.latest_days:
            return 1.0
        return min(1.0, self.penalty_per_day * max(0, days - free))

    def free(self, seconds_late: Mapping[str, float]) -> dict[str, int]:
        """How a student's free days are used: first for what was due first. What is too late to count uses none.

        Args:
            seconds_late: assignment -> how late it was, in the order of the deadlines.
        """
        left, used = self.late_days, {}
        for assignment, seconds in seconds_late.items():
            days = self.days(seconds)
            used[assignment] = 0 if self.latest_days and days > self.latest_days else min(days, left)
            left -= used[assignment]
        return used
