"""Who loses what by being late, and why; and, if that is wanted, written into nbgrader's gradebook.

nbgrader works penalties out when it grades by program. What a person has graded since, an extension or other terms change them:
this asks the same plugin again, without grading anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.preprocessors import AssignLatePenalties

from nbjudge.collect.collected_files import noted
from nbjudge.nbgrader_ext.config import course_config
from nbjudge.nbgrader_ext.doors import Gradebook
from nbjudge.policies.extensions import extensions
from nbjudge.policies.late_policy import LatePolicy
from nbjudge.workspace import Workspace


@dataclass(frozen=True)
class Charge:
    """What a student's submission loses.

    Attributes:
        student: whose.
        late: how late it was, after any extension.
        extension: how much longer the student had.
        days: begun, as the course's terms count them.
        free: of those, free days that are used.
        before: the penalty that stands in the gradebook.
        after: the one by the terms as they are now.
        unknown: whether the platform has marked it late, and nobody knows by how much.
        moved: whether the extension is another one than stands in the gradebook.
    """

    student: str
    late: timedelta
    extension: timedelta | None
    days: int
    free: int
    before: float
    after: float
    unknown: bool = False
    moved: bool = False

    @property
    def changes(self) -> bool:
        """Whether the gradebook says something else."""
        return self.moved or round(self.before, 2) != round(self.after, 2)


def charges(workspace: Workspace, write: bool = False) -> list[Charge]:
    """Works out every submission's penalty.

    Args:
        workspace: of the assignment.
        write: whether extensions and penalties are written into the gradebook.

    Raises:
        Refusal: if `extensions.csv` cannot be understood.
    """
    if not workspace.gradebook.exists():
        return []
    step = AssignLatePenalties(config=course_config(workspace.root))
    step.init_plugin()
    marked = {student for student, note in noted(workspace).items() if note.get("late") and not note.get("submitted")}
    with Gradebook(workspace.database) as gradebook:
        try:
            assignment = gradebook.find_assignment(workspace.id)
        except MissingEntry:
            return []
        longer = extensions(workspace, assignment.duedate)
        step.gradebook, step.assignment_id = gradebook, workspace.id
        submissions = sorted(assignment.submissions, key=lambda one: one.student_id)
        moved = {one.student_id for one in submissions if one.extension != longer.get(one.student_id, one.extension)}
        for submission in submissions:  # all first: free days are used in the order of the deadlines
            submission.extension = longer.get(submission.student_id, submission.extension)
        gradebook.db.flush()
        found = [_charge(step, one, one.student_id in moved, one.student_id in marked) for one in submissions]
        (gradebook.db.commit if write else gradebook.db.rollback)()
    return found


def _charge(step: Any, submission: Any, moved: bool, marked: bool) -> Charge:
    """Asks the plugin, as `AssignLatePenalties` does, and notes what it says in the session."""
    student, seconds = submission.student_id, float(submission.total_seconds_late)
    before = after = 0.0
    for notebook in submission.notebooks:
        before += notebook.late_submission_penalty or 0.0
        lost = step.plugin_inst.late_submission_penalty(student, notebook.score, seconds) if seconds > 0 else None
        notebook.late_submission_penalty = None if lost is None else step._check_late_penalty(notebook, lost)
        after += notebook.late_submission_penalty or 0.0
    plugin = step.plugin_inst
    terms = plugin.terms if isinstance(plugin, LatePolicy) else None
    days, free = (terms.days(seconds), plugin.free_days(student)) if terms else (0, 0)
    late, unknown = timedelta(seconds=seconds), marked and submission.timestamp is None
    return Charge(student, late, submission.extension, days, free, before, after, unknown, moved)


def charge_lines(found: list[Charge]) -> Iterator[str]:
    """What is to be said, a line for each who is late or whose penalty or extension changes."""
    from nbjudge.grade.student_names import shown_student

    for charge in found:
        if not (charge.late or charge.changes or charge.unknown or charge.extension):
            continue
        why = [f"late by {_span(charge.late)}"] if charge.late else []
        if charge.extension:
            why.append(f"had {_span(charge.extension)} longer")
        if charge.days:
            why.append(f"{charge.days} days begun")
        if charge.free:
            why.append(f"{charge.free} of them free")
        if charge.unknown:
            why.append(
                "marked late by the platform, and nobody knows by how much: it costs nothing until timestamp.txt says it"
            )
        told = f"loses {charge.after:g} points" if charge.after else "loses nothing"
        was = f" (so far {charge.before:g})" if round(charge.before, 2) != round(charge.after, 2) else ""
        yield f"{shown_student(charge.student)} {told}{was}: {', '.join(why) or 'not late any more'}"


def _span(span: timedelta) -> str:
    """A time in days, hours and minutes."""
    minutes = -(-int(span.total_seconds()) // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "less than 1 min"
