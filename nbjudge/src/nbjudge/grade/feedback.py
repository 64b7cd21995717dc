"""Feedback pages, through nbgrader's own `generate_feedback`."""

from __future__ import annotations

from collections.abc import Sequence

from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from tqdm import tqdm

from nbjudge.grade.failures import reason
from nbjudge.nbgrader_ext.config import course_config
from nbjudge.nbgrader_ext.course_directory import only
from nbjudge.nbgrader_ext.log import quiet
from nbjudge.workspace import Workspace


def write_feedback(students: Sequence[str], workspace: Workspace) -> dict[str, str]:
    """Writes each student's pages to `feedback/NAME/ASSIGNMENT/`. One student's trouble does not stop the others.

    Returns:
        Student -> why there is no feedback, for those of whom there is none.
    """
    config = course_config(workspace.root)
    failed = {}
    for student in tqdm(students, unit="student", desc="feedback"):
        try:
            coursedir = CourseDirectory(config=config, student_id=only(student), assignment_id=workspace.id)
            converter = GenerateFeedback(coursedir=coursedir, config=config)
            converter.force = True
            with quiet(converter):
                converter.start()
        except Exception as error:
            failed[student] = reason(error)
    return failed
