"""nbgrader's late-submission plugin with a course's terms, so that `nbgrader autograde` and `nbjudge grade` say the same."""

from __future__ import annotations

from traitlets import Float, Integer

from nbjudge.nbgrader_ext.doors import LateSubmissionPlugin
from nbjudge.policies.late_terms import Terms


class LatePolicy(LateSubmissionPlugin):
    """Set in `nbgrader_config.py`, such as `c.LatePolicy.penalty_per_day = 0.1`. Where nothing is set, nothing is lost.

    nbgrader asks it once for each notebook, about that notebook's points.
    """

    grace_minutes = Float(0.0, min=0.0, help="Minutes after the deadline in which nothing is late.").tag(config=True)
    penalty_per_day = Float(0.0, min=0.0, max=1.0, help="Share of the earned points that each day begun costs.").tag(
        config=True
    )
    latest_days = Integer(0, min=0, help="Days after which nothing counts any more; 0 for none such.").tag(config=True)
    late_days = Integer(0, min=0, help="Days that a student may be late in the course without a penalty.").tag(config=True)

    @property
    def terms(self) -> Terms:
        """What is set."""
        return Terms(self.grace_minutes, self.penalty_per_day, self.latest_days, self.late_days)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """The points lost; None if there are none."""
        if (lost := super().late_submission_penalty(student_id, score, total_seconds_late)) is not None:
            return lost  # of nbgrader's own `penalty_method`
        share = self.terms.share(total_seconds_late, self._free(student_id))
        return round(score * share, 2) if share else None

    def _free(self, student_id: str) -> int:
        """The student's free days that are used for the assignment at hand; none where it is not known which that is."""
        gradebook, assignment = (getattr(self.parent, name, None) for name in ("gradebook", "assignment_id"))
        if not self.late_days or gradebook is None or assignment is None:
            return 0
        submissions = [one for one in gradebook.find_student(student_id).submissions if one.assignment.duedate is not None]
        in_order = sorted(submissions, key=lambda one: (one.assignment.duedate, one.assignment.name))
        return self.terms.free({one.assignment.name: one.total_seconds_late for one in in_order}).get(assignment, 0)
