"""All of nbgrader's configuration. a course's `nbgrader_config.py` calls it; nbgrader's own commands then do the rest."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from nbjudge import CONFIG
from nbjudge.assignment import Assignment, register_assignment
from nbjudge.course import gradebook_of
from nbjudge.nbgrader_ext.converters import mend
from nbjudge.nbgrader_ext.timestamps import tolerate
from nbjudge.record import KEY

SANITIZE = [
    "nbjudge.nbgrader_ext.repair.Repair",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbjudge.nbgrader_ext.metadata_check.CheckCellMetadata",
]
AUTOGRADE = [
    "nbjudge.nbgrader_ext.execute.EvidenceExecute",  # in place of nbgrader's Execute
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbjudge.nbgrader_ext.extend.Extend",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbjudge.nbgrader_ext.metadata_check.CheckCellMetadata",
]
FEEDBACK = ["nbjudge.nbgrader_ext.student_page.Grades"]


def course_config(course: Path) -> Config:
    """The configuration that nbgrader's commands have in a course directory: its nbgrader_config.py, and ours."""
    config = Config()
    configure(config)
    if (course / CONFIG).is_file():
        config.merge(PyFileConfigLoader(CONFIG, path=str(course)).load_config())
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.db_url = f"sqlite:///{gradebook_of(config, course)}"  # a relative one hangs on where one stands
    return config


def configure(c: Any, *assignments: Assignment) -> None:
    """Sets what differs from nbgrader's defaults, each with its reason.

    Args:
        c: the configuration, as `get_config()` gives it in a `nbgrader_config.py`.
        assignments: those of the course of which there is more to say than nbgrader knows.
    """
    for assignment in assignments:
        register_assignment(assignment)
    # Its gradebook builds a submission before it adds it, of which SQLAlchemy warns each time; nothing comes of it.
    warnings.filterwarnings("ignore", r"Object of type <Submitted\w+> not in session", SAWarning)
    # nbgrader runs the program alembic when it makes a gradebook; it stands beside our Python, active environment or not.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    tolerate()
    mend()
    c.Autograde.exporter_class = "nbjudge.nbgrader_ext.exporter.TolerantExporter"
    c.Autograde.sanitize_preprocessors = SANITIZE
    c.Autograde.autograde_preprocessors = AUTOGRADE
    c.ClearMetadataPreprocessor.preserve_nb_metadata_mask = {"kernelspec", "language_info", KEY}
    c.GenerateFeedback.preprocessors = FEEDBACK
    c.AssignLatePenalties.plugin_class = "nbjudge.policies.late_policy.LatePolicy"  # nbgrader's own, where nothing is set
    c.HTMLExporter.sanitize_html = True  # formgrader's pages: a student's Markdown and outputs reach the instructor's browser
    c.GenerateFeedback.exporter_class = "nbjudge.nbgrader_ext.student_page.StudentPage"
    for assignment in assignments:
        assignment.configure(c)
