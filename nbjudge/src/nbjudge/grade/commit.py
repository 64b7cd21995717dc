"""One writer: nbgrader's own `Autograde` turns a prepared submission and its evidence into grades and a notebook."""

from __future__ import annotations

from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import setenv

from nbjudge.grade.gradebook import Gradebooks
from nbjudge.nbgrader_ext.config import AUTOGRADE, SANITIZE, course_config
from nbjudge.nbgrader_ext.course_directory import only
from nbjudge.nbgrader_ext.doors import Autograde
from nbjudge.nbgrader_ext.log import quiet
from nbjudge.workspace import Workspace


class _Autograde(Autograde):
    """nbgrader's, in one pass over a notebook. It takes two, since it sanitizes what others wrote; what is staged is ours."""

    def _init_preprocessors(self) -> None:
        self.exporter._preprocessors = []
        for preprocessor in (*SANITIZE[1:-1], *AUTOGRADE):  # it is read, and repaired already; its metadata is checked once
            self.exporter.register_preprocessor(preprocessor)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        self._init_preprocessors()
        with setenv(NBGRADER_EXECUTION="autograde"):
            super(Autograde, self).convert_single_notebook(notebook_filename)


class Committer:
    """Writes grades into the gradebook, one student after the other.

    Args:
        workspace: where they are graded.
    """

    def __init__(self, workspace: Workspace) -> None:
        config = course_config(workspace.root)
        config.Autograde.exporter_class = "nbconvert.exporters.NotebookExporter"
        config.Exporter.optimistic_validation = True  # once, after all preprocessors, not after each of them
        config.CourseDirectory.submitted_directory = "prepared"
        config.EvidenceExecute.submissions = "submitted"  # where the artifacts stay
        self.workspace, self.config, self.gradebooks = workspace, config, Gradebooks()

    def commit(self, student: str) -> None:
        """Grades a student's prepared submission anew: all of it is written, or nothing.

        Raises:
            RuntimeError: with what nbgrader wrote into its log, if it could not.
        """
        coursedir = CourseDirectory(config=self.config, student_id=only(student), assignment_id=self.workspace.id)
        converter = _Autograde(coursedir=coursedir, config=self.config)
        converter.force = True
        with quiet(converter), self.gradebooks.in_use(), self.gradebooks(coursedir.db_url, coursedir.course_id):
            converter.start()
