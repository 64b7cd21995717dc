from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from assignment.builder.anchors import anchored, missing_sections, mistake_anchor, section_anchor
from autograder.catalogue import catalogue
from autograder.questions import QUESTIONS


@pytest.fixture
def page() -> NotebookNode:
    """A walkthrough that asks two questions in code and one in words."""
    cells = [
        new_markdown_cell("## 1 Twice\n\nSome words.\n\n### 1.1 Doubling · 10 points\n\nDouble it.", id="text-1"),
        new_code_cell("def double(x): ...", id="double-answer"),
        new_markdown_cell("### 1.2 Signs · 2.5 points", id="text-2"),
        new_code_cell("def sign(x): ...", id="sign_of-answer"),
        new_markdown_cell("## Report · 5 points", id="text-3"),
        new_markdown_cell("YOUR ANSWER HERE", id="report"),
    ]
    return new_notebook(cells=cells)


def test_each_question_has_an_anchor_before_its_own_heading(page):
    titles = anchored(page, ["double", "sign_of", "report"])
    assert titles == {"double": "1.1 Doubling", "sign_of": "1.2 Signs", "report": "Report"}
    text = {cell.id: cell.source for cell in page.cells}
    assert "Some words.\n\n(double)=\n### 1.1 Doubling · 10 points" in text["text-1"]
    assert text["text-2"] == "(sign-of)=\n### 1.2 Signs · 2.5 points"
    assert text["text-3"] == "(report)=\n## Report · 5 points"


def test_a_question_of_another_notebook_is_left_out(page):
    assert list(anchored(page, ["nce", "double"])) == ["double"]


def test_anchors_are_what_a_browser_can_find():
    assert section_anchor("train_ae") == "train-ae"
    assert mistake_anchor("cmc_score.temperature_forgotten") == "cmc-score-temperature-forgotten"
    assert mistake_anchor("A.(b)") == "a-b"


def test_no_two_mistakes_share_an_anchor():
    anchors = [mistake_anchor(mistake.id) for mistake in catalogue()]
    anchors += [mistake_anchor(f"mistakes {question}") for question in QUESTIONS]
    assert len(set(anchors)) == len(anchors)


def test_what_points_to_no_section_is_named():
    assert missing_sections({"double": "double", "double.once": "double"}, ["double", "report"]) == []
    (told,) = missing_sections({"double.once": "doubel"}, ["report", "double"])
    assert told == "double.once points to the section 'doubel', which is no anchor of the walkthrough; there are double, report"
