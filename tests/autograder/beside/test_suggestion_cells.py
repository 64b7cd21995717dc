"""The cells beside the boxes: in the notebook that is graded, in formgrader's page, not on the student's."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbjudge.nbgrader_ext.config import course_config
from nbjudge.pages.page import PageFacts, student_page

from autograder.artifacts.findings import Findings
from autograder.artifacts.findings_text import report_cell
from autograder.beside import BOXES, TITLE, add_suggestions, insert_before, is_beside, texts_of
from autograder.course_notebooks import source
from autograder.definition import PS8
from autograder.paths import COURSE
from autograder.review import _imitations
from trials.classroom.submissions import solved

from .conftest import TEXT


def written(**texts: str) -> NotebookNode:
    """A submission with these texts in its boxes."""
    notebook = solved("ps8")
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in BOXES:
            cell.source = {**TEXT, **texts}[name]
    return notebook


def test_each_box_has_a_cell_right_before_it(findings: Findings) -> None:
    notebook = written(report_bet="YOUR ANSWER HERE")
    add_suggestions(notebook, source("ps8"), findings)
    insert_before(notebook, BOXES[0], report_cell(findings))
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert ids[ids.index(BOXES[0]) - 2 :][:3] == [f"beside-{BOXES[0]}", report_cell(findings).id, BOXES[0]]
    for box in BOXES[1:]:
        assert ids[ids.index(box) - 1] == f"beside-{box}"
        assert notebook.cells[ids.index(box) - 1].source.startswith(f"#### {TITLE}\n")
    told = {cell.id: cell.source for cell in notebook.cells if is_beside(cell)}
    assert "| CMC | 0.413 | 0.413 | 0.413 |" in told["beside-report_numbers"]
    assert "Nothing was written here" in told["beside-report_bet"] and "| bet |" not in told["beside-report_bet"]
    assert texts_of(notebook)["report_curve"] == TEXT["report_curve"]


def test_the_lessons_own_words_are_known_as_such(findings: Findings) -> None:
    lesson = next(cell.source for cell in source("ps8").cells if "Read it slowly." in cell.source)
    notes = texts_of(source("ps8"))["report_curve"]
    notebook = written(report_comparisons=lesson, report_curve=notes)
    add_suggestions(notebook, source("ps8"), findings)
    told = {cell.id: cell.source for cell in notebook.cells if is_beside(cell)}
    assert "the lesson's own" in told["beside-report_comparisons"] and "instructor's notes" in told["beside-report_curve"]
    assert "**" not in told["beside-report_experiment"]


@pytest.mark.parametrize(
    "odd", ["<img src=x onerror=alert(1)>", "0.1" * 5_000, "1," * 5_000, "$x$ " * 3_000, "\ud800 0.62", "|`" * 99]
)
def test_whatever_is_written_a_cell_is_made(odd: str, findings: Findings) -> None:
    notebook = written(**dict.fromkeys(BOXES, odd))
    add_suggestions(notebook, source("ps8"), findings)
    told = [cell.source for cell in notebook.cells if is_beside(cell)]
    assert len(told) == len(BOXES) and not any("<img" in text or len(text) > 5_000 for text in told)


def test_a_notebook_without_boxes_is_left_as_it_is(findings: Findings) -> None:
    notebook = solved("nce")
    before = copy.deepcopy(notebook)
    add_suggestions(notebook, source("nce"), findings)
    assert notebook == before


def test_a_students_cell_under_our_name_is_theirs_and_is_said(findings: Findings) -> None:
    notebook = written()
    forged = nbformat.v4.new_markdown_cell(f"#### {TITLE}\n\n- All is well.")
    forged["id"] = "beside-report_curve"
    notebook.cells.insert(5, forged)
    assert _imitations(notebook) == ["Cell 6 says what the grader writes beside a report, and is the student's own."]
    add_suggestions(notebook, source("ps8"), findings)
    nbformat.validate(notebook)
    assert notebook.cells[5].id.startswith("own-5-") and sum(is_beside(cell) for cell in notebook.cells) == len(BOXES)


def test_no_student_sees_it(findings: Findings) -> None:
    notebook = written()
    add_suggestions(notebook, source("ps8"), findings)
    insert_before(notebook, BOXES[0], report_cell(findings))
    for cell in notebook.cells:
        cell.metadata.get("nbgrader", {}).update(score=0.0)
    page = student_page(notebook, PageFacts("ada", "ps8", 0.0, 100.0), PS8)
    assert TITLE not in page and "What the grader found in" in page


@pytest.fixture
def course(tmp_path: Path, findings: Findings) -> Path:
    """A class of three whose reports are graded; two of them share the box of the experiment."""
    (tmp_path / "source" / "ps8").mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").symlink_to(COURSE / "nbgrader_config.py")
    nbformat.write(source("ps8"), tmp_path / "source" / "ps8" / "ps8.ipynb")
    own = {
        "ada": TEXT["report_experiment"] + " Then do the same with the a and b of each picture shuffled among the pixels.",
        "eve": "Take twice the labels for the supervised one; were it still behind, the network would be too small for them.",
    }
    own["<b>mallory"] = own["ada"].replace("picture", "image")
    for student, text in own.items():
        notebook = written(report_experiment=text, **{box: f"{box} of {student}" for box in BOXES[:4]})
        add_suggestions(notebook, source("ps8"), findings)
        (tmp_path / "autograded" / student / "ps8").mkdir(parents=True)
        nbformat.write(notebook, tmp_path / "autograded" / student / "ps8" / "ps8.ipynb")
    return tmp_path


def opened(course: Path, student: str, **resources: str) -> str:
    """The page that formgrader shows."""
    told = {"assignment_id": "ps8", "notebook_id": "ps8", "student": student, **resources}
    exporter = HTMLExporter(config=course_config(course))
    return str(exporter.from_filename(str(course / "autograded" / student / "ps8" / "ps8.ipynb"), resources=told)[0])


def test_formgrader_names_whose_text_is_nearly_the_same(course: Path) -> None:
    assert opened(course, "ada").count("Nearly the same text as that of &lt;b&gt;mallory") == 1
    assert opened(course, "<b>mallory").count("Nearly the same text as that of ada") == 1
    page = opened(course, "eve")
    assert TITLE in page and "Nearly the same" not in page


def test_a_class_that_changes_is_looked_at_anew(course: Path) -> None:
    assert "Nearly the same text" in opened(course, "ada")
    (course / "autograded" / "<b>mallory" / "ps8" / "ps8.ipynb").write_text("{")
    page = opened(course, "ada")
    assert TITLE in page and "Nearly the same text" not in page


def test_a_page_is_shown_where_likenesses_cannot_be_told(course: Path) -> None:
    (course / "source" / "ps8" / "ps8.ipynb").unlink()
    assert TITLE in opened(course, "ada")
