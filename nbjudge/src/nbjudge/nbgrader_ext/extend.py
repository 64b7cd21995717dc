"""A preprocessor that enters what `extensions.csv` gives into nbgrader's own field, before being late costs anything."""

from __future__ import annotations

from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import latesubmissions

from nbjudge.nbgrader_ext.course_directory import course_of
from nbjudge.nbgrader_ext.doors import NbGraderPreprocessor
from nbjudge.policies.extensions import extensions
from nbjudge.workspace import Workspace


class Extend(NbGraderPreprocessor):
    """Stands before nbgrader's `AssignLatePenalties`."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Leaves the notebook as it is."""
        told = resources["nbgrader"]
        here = Workspace.of(Path(course_of(self).root), told["assignment"])
        with latesubmissions.Gradebook(told["db_url"]) as gradebook:  # of the next step: `nbjudge grade` has one open there
            submission = gradebook.find_submission(told["assignment"], told["student"])
            longer = extensions(here, submission.assignment.duedate)
            if told["student"] in longer:
                submission.extension = longer[told["student"]]
                gradebook.db.commit()
        return nb, resources
