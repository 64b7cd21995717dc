"""In place of nbconvert's `NotebookExporter`: reads any file that a student may hand in."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbrepair.plan import Plan
from nbrepair.remarks import Remark

from nbjudge.ground import notebooks
from nbjudge.record import KEY
from nbjudge.repair.file_reader import FileRefused, read_file
from nbjudge.repair.intake import intake
from nbjudge.repair.plan import plan_of
from nbjudge.repair.read import MAX_BYTES, Read, read_notebook
from nbjudge.repair.rebuild import error_line
from nbjudge.workspace import main_of


class TolerantExporter(NotebookExporter):
    """Reads a submission whatever its state. One that cannot be read becomes an empty notebook, which `Repair` fills.

    What was mended while reading is in `resources["nbjudge"]["remarks"]`; `["unreadable"]` beside it tells that nothing could
    be. nbgrader exports each submission twice, first from `submitted/`, then from `autograded/`. What stands in the latter
    is ours and is read as it is.
    """

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Reads a file and converts it. Raises nothing for what a file from `submitted/` may hold."""
        if not getattr(self.parent, "_sanitizing", True):  # nbgrader's Autograde says by this which of the two it is
            return super().from_filename(filename, resources=resources, **kw)
        resources = _named(filename, resources)
        found, read = self._meant(Path(filename))
        remarks = [*found, *read.remarks, *filter(None, [read.reason])]
        resources[KEY] = {"remarks": remarks, "unreadable": read.notebook is None}
        notebook = read.notebook or notebooks.new_notebook()
        exported: tuple[NotebookNode, dict[str, Any]]
        exported = self.from_notebook_node(notebook, resources=resources, **kw)  # type: ignore[no-untyped-call]
        return exported

    def _meant(self, path: Path) -> tuple[list[str], Read]:
        """What was handed in for a notebook, which may lie in another file of the folder, and what is to be said of that.

        `nbjudge grade` looks in the same way, so that both take the same answers.
        """
        plans = self._plans()
        if path.stem not in plans:
            return [], read_submission(path)
        try:
            submission = intake(path.parent, list(plans), plans=plans)
        except Exception as error:  # whatever a folder may hold that nobody thought of
            return [f"The files of the submission could not be looked through: {error_line(error)}."], read_submission(path)
        said = submission.remarks if path.stem == main_of(path.parent.name, list(plans)) else []
        if path.stem not in submission.notebooks:
            return said, read_submission(path)
        return said, read_notebook(submission.notebooks[path.stem])

    def _plans(self) -> dict[str, Plan]:
        """The plans of the assignment's notebooks, by name; none outside nbgrader."""
        course = getattr(self.parent, "coursedir", None)
        if not isinstance(course, CourseDirectory):
            return {}
        source = Path(course.format_path(course.source_directory, ".", course.assignment_id))
        return {path.stem: plan_of(path, self.config) for path in sorted(source.glob("*.ipynb"))}


def read_submission(path: Path) -> Read:
    """Reads a handed-in notebook by its path; follows no link and waits for no pipe."""
    try:
        data, info = read_file(path, MAX_BYTES + 1)
    except FileRefused as refused:
        return Read(reason=Remark(f"The notebook's file {refused}.", cost=True))
    return read_notebook(data, size=info.st_size)


def _named(filename: str, resources: dict[str, Any] | None) -> dict[str, Any]:
    """The resources with the file's name and date, as nbconvert sets them."""
    resources = ResourcesDict() if resources is None else resources
    metadata = resources.get("metadata") or ResourcesDict()
    path, name = os.path.split(filename)
    changed = datetime.datetime.fromtimestamp(os.lstat(filename).st_mtime, tz=datetime.timezone.utc)
    metadata.update(name=os.path.splitext(name)[0], path=path, modified_date=f"{changed:%B} {changed.day}, {changed.year}")
    resources["metadata"] = metadata
    return resources
