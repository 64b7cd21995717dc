"""A graded course whose pages show all that a page can: every state, every picture, and whatever a student may write."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbjudge.grade import pool
from nbjudge.grade.class_run import ClassRun
from nbjudge.grade.feedback import write_feedback
from nbjudge.nbgrader_ext import student_page
from nbjudge.reports.score_files import rows_of, write_tables
from PIL import Image

from autograder.definition import PS8, at
from trials.classroom.submissions import InventedStudent, students, write_class

from ..nbjudge.course import SHEET, new_course

ALL_WRONG = InventedStudent(
    "student21",
    "a mistake in every question, and a report with everything that Markdown has",
    mistakes=(
        "encoder.padding",
        "decoder.sigmoid_missing",
        "train_ae.no_step",
        "train_classifier.frozen_encoder_trained",
        "encoder_cmc.views_swapped",
        "cmc_score.temperature_forgotten",
        "softmax_loss.label_one",
        "train_cmc.one_view",
        "nce.noise_only",
    ),
)
NAMES = ("ada", "student02", "student06")  # all right; blank; could not run
OWN_CELL = """\
print("\\x1b[31mred\\x1b[0m \\x1b[93;1mbright\\x1b[0m " + 40 * "a long line " + "\\n.")
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
{i: i for i in range(200)}[-1]
"""


def graded_course(folder: Path) -> Path:
    """Grades the class in a course directory of its own, and writes its pages as they are after the deadline."""
    course = new_course(folder)
    members = [*(student for student in students() if student.name in NAMES), ALL_WRONG]
    names = [student.name for student in write_class(course / "submitted", members)]
    path = course / "submitted" / ALL_WRONG.name / PS8.id / "ps8.ipynb"
    notebook = nbformat.read(path, as_version=4)
    _decorate(notebook)
    nbformat.write(notebook, path)
    here = at(course)
    assert ClassRun(here, names, pool.local(2, PS8)).run().failed == {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(student_page, "level", lambda facts: "full")
        assert write_feedback(names, here) == {}
    write_tables(rows_of(here, SHEET, names), here, SHEET)
    return course


def _decorate(notebook: NotebookNode) -> None:
    """Puts a report full of Markdown in, and a cell that prints, draws and fails."""
    boxes = [cell for cell in notebook.cells if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade")]
    for box, text in zip(boxes, _texts(), strict=False):
        box.source = text
    notebook.cells.insert(20, new_code_cell(OWN_CELL))


def _texts() -> list[str]:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(file, "PNG")
    picture = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    wide = "| " + " | ".join(f"a column {n}" for n in range(20)) + " |"
    table = "\n".join([wide, "|--" * 20 + "|", wide])
    return [
        "# One\n\n#### Four\n\n#\n\n[](https://example.org) [ ](https://example.org)\n\n- - -\n\n1. a\n   - b\n\n> *said*",
        f"[![]({picture})](https://example.org) ![]({picture}) ![]({picture} 'title')",
        f"{table}\n\n```python\nx = '{200 * 'x'}'\n```\n\n`{200 * 'y'}`",
        "$$\\sum_{i=1}^{n} " + " + ".join(f"x_{{{n}}}" for n in range(60)) + "$$ and $\\tau = 0.1$",
        "[a link](https://example.org) and <https://example.org/" + 100 * "z" + ">",
    ]
