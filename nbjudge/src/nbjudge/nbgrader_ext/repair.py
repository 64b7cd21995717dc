"""The first of the sanitizing preprocessors: rebuilds each submission on the instructor's source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from traitlets import List, Unicode

from nbjudge.nbgrader_ext.course_directory import course_of
from nbjudge.nbgrader_ext.doors import NbGraderPreprocessor
from nbjudge.record import KEY
from nbjudge.repair.plan import plan_of
from nbjudge.repair.rebuild import rebuild_whatever


class Repair(NbGraderPreprocessor):
    """Takes the answers out of a submission and puts them into the source, so that nbgrader's own steps find nothing amiss.

    The remarks stand in the notebook's record, and in `resources["nbjudge"]["repairs"]`.
    """

    reserved = List(Unicode(), help="words such as an environment variable: a free cell that holds one is the grader's").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Rebuilds a submission."""
        read: dict[str, Any] = resources.get(KEY) or {}
        path = self._source(resources["nbgrader"]["assignment"], resources["nbgrader"]["notebook"])
        submitted = None if read.get("unreadable") else nb
        repaired = rebuild_whatever(submitted, plan_of(path, self.config), read.get("remarks", ()))
        for remark in repaired.remarks:
            self.log.warning("%s: %s", resources["nbgrader"].get("student", "?"), remark)
        resources[KEY] = {**read, "repairs": repaired.remarks, "answered": repaired.answered}
        return repaired.notebook, resources

    def _source(self, assignment: str, notebook: str) -> Path:
        """The instructor's notebook in the course directory that nbgrader works in."""
        course = course_of(self)
        return Path(course.format_path(course.source_directory, ".", assignment)) / f"{notebook}.ipynb"
