"""What formgrader adds to a notebook when a grader opens it."""

from __future__ import annotations

from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbjudge.nbgrader_ext.execute import source_of

from autograder import beside
from autograder.beside import alike


class Likenesses(Preprocessor):
    """Says beside each box of a report whose text is nearly the same.

    It is not in the notebook: who is graded later would be missing, and the student's page is made of that file.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Adds the sentences. Only formgrader names a student in the resources; any other export is left as it is."""
        cells = [cell for cell in nb.cells if beside.is_beside(cell)]
        if not cells or "student" not in resources:
            return nb, resources
        folder = Path(resources["metadata"]["path"])  # autograded/NAME/ASSIGNMENT
        try:
            told = self._told(folder, resources)
        except Exception:  # a likeness less is no reason to show no page
            self.log.exception("The likenesses of %s could not be told", folder)
            told = {}
        for cell in cells:
            if sentence := told.get(beside.box_of(cell)):
                cell.source += f"\n\n- {sentence}"
        return nb, resources

    def _told(self, folder: Path, resources: ResourcesDict) -> dict[str, str]:
        assignment, notebook, student = (str(resources[name]) for name in ("assignment_id", "notebook_id", "student"))
        source = folder.parents[2] / "source" / assignment / f"{notebook}.ipynb"
        given = beside.given(source_of(source, source.stat().st_mtime_ns))
        return alike.sentences(folder.parents[1], assignment, notebook, student, given)
