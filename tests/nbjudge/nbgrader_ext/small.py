"""A small course directory of nbgrader's, with our configuration but for the execution, which takes a kernel each."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbjudge.nbgrader_ext.config import AUTOGRADE, configure
from traitlets.config import Config

ANSWER = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
TEST = "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(-1) == -2\n### END HIDDEN TESTS"


def graded(cell: NotebookNode, grade_id: str, points: int | None = None, solution: bool = False) -> NotebookNode:
    cell.id = grade_id
    cell.metadata.nbgrader = NotebookNode(
        grade=points is not None, grade_id=grade_id, locked=not solution, schema_version=3, solution=solution, task=False
    )
    if points is not None:
        cell.metadata.nbgrader.points = points
    return cell


def small_source() -> NotebookNode:
    cells = [
        new_markdown_cell("# Small", id="top"),
        graded(new_code_cell("import math"), "given-setup"),
        new_markdown_cell("## 1.1 Double", id="task"),
        graded(new_code_cell(ANSWER), "double-answer", solution=True),
        graded(new_code_cell(TEST), "double", 10),
        new_markdown_cell("## Report", id="question"),
        graded(new_markdown_cell("### BEGIN SOLUTION\nAnything.\n### END SOLUTION"), "report", 10, solution=True),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def solved() -> NotebookNode:
    notebook = small_source()
    for cell in notebook.cells:
        visible = cell.source.partition("\n### BEGIN HIDDEN")[0]
        cell.source = "\n".join(line for line in visible.split("\n") if "SOLUTION" not in line)
    notebook.cells[-1].source = "I learned to double."
    return notebook


class Course:
    """An nbgrader course in a folder, with the configuration of ours but for the execution, which takes a kernel each."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = Config()
        configure(self.config)
        self.config.CourseDirectory.root = str(root)
        self.config.CourseDirectory.release_directory = "release"
        self.config.Autograde.autograde_preprocessors = [step for step in AUTOGRADE if "EvidenceExecute" not in step]
        source = root / "source" / "ps8"
        source.mkdir(parents=True)
        nbformat.write(small_source(), source / "ps8.ipynb")
        self._run(GenerateAssignment)

    def _run(self, converter: type, **traits: str) -> None:
        coursedir = CourseDirectory(config=self.config)
        coursedir.assignment_id = "ps8"
        coursedir.student_id = traits.get("student", "*")
        self.converter = converter(coursedir=coursedir, config=self.config)
        self.converter.force = True
        self.converter.start()

    def hand_in(self, student: str, data: bytes) -> None:
        folder = self.root / "submitted" / student / "ps8"
        folder.mkdir(parents=True)
        (folder / "ps8.ipynb").write_bytes(data)

    def autograde(self) -> None:
        self._run(Autograde)

    def feedback(self) -> None:
        self._run(GenerateFeedback)

    def graded(self, student: str) -> NotebookNode:
        return nbformat.read(self.root / "autograded" / student / "ps8" / "ps8.ipynb", as_version=4)

    def row(self, student: str) -> dict[str, float | None]:
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "ps8") as gradebook:
            grades = gradebook.find_submission_notebook("ps8", "ps8", student).grades
            return {grade.name: grade.auto_score for grade in grades}
