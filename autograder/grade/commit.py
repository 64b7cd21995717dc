"""One writer: nbgrader's own `Autograde` turns a prepared hand-in and its evidence into grades and an autograded notebook."""

from __future__ import annotations

from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.nbgrader_ext.config import SANITIZE, configure
from autograder.nbgrader_ext.course import only
from autograder.nbgrader_ext.log import quiet
from autograder.paths import ASSIGNMENT, COURSE


class Committer:
    """Writes grades into the gradebook, one student after the other.

    Args:
        course: nbgrader's course directory.
    """

    def __init__(self, course: Path = COURSE) -> None:
        config = Config()
        configure(config)
        config.Autograde.exporter_class = "nbconvert.exporters.NotebookExporter"  # what is staged is ours:
        config.Autograde.sanitize_preprocessors = SANITIZE[1:]  # read, and repaired already
        config.Exporter.optimistic_validation = True  # once, after all preprocessors, not after each of them
        config.CourseDirectory.root = str(course)
        config.CourseDirectory.submitted_directory = "prepared"
        config.EvidenceExecute.hand_ins = "submitted"  # where the artifacts stay
        self.config = config

    def commit(self, student: str) -> None:
        """Grades a student's prepared hand-in anew.

        Raises:
            RuntimeError: with what nbgrader wrote into its log, if it could not.
        """
        coursedir = CourseDirectory(config=self.config, student_id=only(student), assignment_id=ASSIGNMENT)
        converter = Autograde(coursedir=coursedir, config=self.config)
        converter.force = True
        with quiet(converter):
            converter.start()
