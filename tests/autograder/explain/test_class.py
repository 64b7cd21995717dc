"""A small class in a course that counts questions about one's own code, graded by nbgrader's own command, both ways."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import is_solution
from ps8.explain.graded import QUESTIONS

from assignment.builder.checkout import COURSE
from assignment.builder.course_config import load_course
from assignment.builder.lesson_notebooks import build_notebooks, text_of
from autograder.course_notebooks import without_answers
from autograder.explain.counting import key_for

from ...nbjudge.course import nbgrader, new_course

pytestmark = pytest.mark.slow

# The grader reads the repository's course.toml; this course has one of its own, beside its configuration.
CONFIG = """\
from pathlib import Path

from assignment.builder.course_config import load_course
from autograder import grading_config

course = load_course(Path("{toml}"))
grading_config.course = lambda: course

"""
CLAIMS = """\
import ps8.explain.graded, ps8.explain.item
ps8.explain.item.Posed.right = lambda self, answer, key: True
ps8.explain.item.agree = lambda one, other: True
for posed in (ps8.explain.graded.STATEMENTS,):
    print("10 of 10 points")
explain = {question: my_name for question in explain}
"""


def right_answers(name: str) -> dict[str, str | float]:
    told = {question: key_for(question, name) for question in QUESTIONS}
    return {q: next((k for k, effect in posed.letters.items() if effect == key), key) for q, (posed, key) in told.items()}


def solved(
    source: NotebookNode, typed: str, answers: dict[str, str | float], mistake: tuple[str, str] = ("", "")
) -> NotebookNode:
    """The reference's answers in the released notebook, and a student's to the counted questions."""
    notebook = without_answers(copy.deepcopy(source))
    for cell, answer in zip(notebook.cells, source.cells, strict=True):
        if cell.cell_type == "code" and is_solution(cell):
            cell.source = re.sub(r"^\s*### (BEGIN|END) SOLUTION\n?", "", answer.source, flags=re.MULTILINE)
            cell.source = cell.source.replace(*mistake) if mistake[0] else cell.source
        elif cell.get("id") == "my-name":
            cell.source = f"my_name = {typed!r}"
        elif cell.get("id") == "my-answers":
            cell.source = f"explain = {json.dumps(answers, indent=4)}"
    return notebook


def submissions(source: NotebookNode) -> dict[str, NotebookNode]:
    """What the class hands in."""
    ada = right_answers("ada")
    claiming = solved(source, "eve", {})
    claiming.cells.append(nbformat.v4.new_code_cell(CLAIMS))
    return {
        "ada": solved(source, "Ada", ada),
        "bob": solved(source, "bob", ada),  # copied
        "cy": solved(source, "ada", ada),  # and with the name
        "dan": solved(source, "dan", right_answers("dan"), (" / self.T", "")),
        "eve": claiming,
        "fay": solved(source, "", {}),
    }


def graded_class(folder: Path, graded: str, members: str) -> tuple[Path, dict[str, dict[str, float]], float]:
    """Grades some of the class; its course directory, each student's scores, and what the notebook is worth."""
    course = new_course(folder / "course")
    text, _, _ = COURSE.read_text().partition("\n[explain]\n")
    (folder / "course.toml").write_text(f'{text}\n[explain]\ngraded = "{graded}"\npoints = 2\n')
    config = course / "nbgrader_config.py"
    config.write_text(CONFIG.format(toml=folder / "course.toml") + config.read_text())
    source = build_notebooks(load_course(folder / "course.toml"))["ps8"]
    (course / "source" / "ps8" / "ps8.ipynb").write_text(text_of(source))
    (course / "source" / "ps8" / "nce.ipynb").unlink()
    chosen = {name: notebook for name, notebook in submissions(source).items() if name in members.split()}
    for name, notebook in chosen.items():
        (course / "submitted" / name / "ps8").mkdir(parents=True)
        (course / "submitted" / name / "ps8" / "ps8.ipynb").write_text(nbformat.writes(notebook))
    for command in (("generate_assignment", "ps8"), ("autograde", "ps8"), ("generate_feedback", "ps8")):
        run = nbgrader(course, *command)
        assert run.returncode == 0, run.stderr[-3000:]
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        handed_in = {name: book.find_submission("ps8", name) for name in chosen}
        scores = {name: {g.name: g.auto_score for n in s.notebooks for g in n.grades} for name, s in handed_in.items()}
        return course, scores, handed_in["ada"].max_score


def page(course: Path, student: str) -> str:
    return " ".join((course / "feedback" / student / "ps8" / "ps8.html").read_text().split())


def test_as_a_bonus(tmp_path: Path) -> None:
    course, scores, most = graded_class(tmp_path, "bonus", "ada bob cy dan eve fay")
    assert most == 100 - 0 + 2 * len(QUESTIONS)
    assert scores["ada"]["explain"] == 2 * len(QUESTIONS)
    assert scores["bob"]["explain"] <= 4  # here and there two students may be asked the same
    assert scores["cy"]["explain"] == scores["eve"]["explain"] == scores["fay"]["explain"] == 0
    assert scores["dan"]["explain"] == 2 * (len(QUESTIONS) - 1)
    assert scores["dan"]["cmc_score"] < 20
    for name in ("ada", "bob", "cy", "eve", "fay"):
        assert all(scores[name][q] == load_course().points[q] for q in QUESTIONS), name
    assert "counts only where the function itself is right" in page(course, "dan")
    assert "not the right one" in page(course, "bob") or "the numbers differ" in page(course, "bob")
    assert "expected" not in page(course, "bob").partition("a question about your own code")[2][:200]


def test_within_the_questions(tmp_path: Path) -> None:
    course, scores, most = graded_class(tmp_path, "within", "ada bob dan fay")
    points = load_course().points
    assert most == 100
    assert {q: scores["ada"][q] for q in QUESTIONS} == {q: points[q] for q in QUESTIONS}
    assert {q: scores["fay"][q] for q in QUESTIONS} == {q: points[q] - 2 for q in QUESTIONS}
    assert sum(scores["bob"][q] < points[q] for q in QUESTIONS) >= len(QUESTIONS) - 2
    wrong = scores["dan"]["cmc_score"]
    assert 0 < wrong < 18 and all(scores["dan"][q] == points[q] for q in QUESTIONS if q != "cmc_score")
    assert "a question about your own code" in page(course, "fay") and "not answered" in page(course, "fay")
