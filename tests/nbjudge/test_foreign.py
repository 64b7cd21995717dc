"""A course that knows nothing of us: nbgrader's own quickstart, and two lines more in its configuration."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from .course import BIN

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("foreign")]

LINES = "\nfrom nbjudge import configure\nconfigure(get_config())\n"
JUDGE = """
from nbjudge import configure
from nbjudge.judge.values import ByValues

PS1 = ByValues("ps1", {"correct_squares": {"squares(3)": [1, 4, 9], "squares(11)[-1]": 121}})
configure(get_config(), PS1)
"""
HIDDEN = """
assert open("tables/squares.csv").read() == "1,4,9"  # the course's own file, whatever a student put in its place
### BEGIN HIDDEN TESTS
assert squares(12)[-1] == 144
### END HIDDEN TESTS"""
ANSWERS = {
    "squares": "def squares(n):\n    if n < 1:\n        raise ValueError\n    return [i ** 2 for i in range(1, n + 1)]",
    "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))",
}
ONLY_THE_KNOWN = (  # right for what a student can see, wrong for the hidden test
    "def squares(n):\n    if n < 1:\n        raise ValueError\n    return [i ** 2 for i in range(1, min(n, 11) + 1)]"
)
FORGED = (  # makes every assertion below it hold
    "class Same(list):\n    def __eq__(self, other): return True\n    def __getitem__(self, k): return Anything()\n"
    "class Anything:\n    def __eq__(self, other): return True\n"
    "def squares(n):\n    if n < 1:\n        raise ValueError\n    return Same()"
)
DUE = datetime(2026, 1, 1)
LATE = "2026-01-02 10:00:00 UTC"
PENALTY = "\nget_config().LateSubmissionPlugin.penalty_method = 'zero'  # of the points is left\n"
PENALTIES = """
SELECT submitted_assignment.student_id, '(late)', submitted_notebook.late_submission_penalty FROM submitted_notebook
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
JOIN notebook ON notebook.id = submitted_notebook.notebook_id WHERE notebook.name = 'problem1'
"""
SCORES = """
SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score FROM grade
JOIN base_cell ON base_cell.id = grade.cell_id JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id WHERE grade.auto_score IS NOT NULL
"""
OTHERS = {"torch", "torchvision", "skimage", "sklearn", "ps8", "autograder", "assignment", "solution"}
ALONE = f"""
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {OTHERS}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Without())
import importlib, pkgutil, nbjudge
names = [m.name for m in pkgutil.walk_packages(nbjudge.__path__, "nbjudge.") if ".inside" not in m.name]
for name in names:
    importlib.import_module(name)
print(len(names))
"""
WRITES = ANSWERS["squares"] + "\nopen({path!r}, 'w').write('was here')"


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course that `nbgrader quickstart` makes, with a hidden test, and five submissions."""
    folder = tmp_path_factory.mktemp("foreign")
    made = subprocess.run(
        [str(BIN / "nbgrader"), "quickstart", "plain"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    course = folder / "plain"
    path = course / "source" / "ps1" / "problem1.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell_of(notebook, "correct_squares").source += HIDDEN
    nbformat.write(notebook, path)
    (path.parent / "tables").mkdir()
    (path.parent / "tables" / "squares.csv").write_text("1,4,9")
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(PENALTY)
    run(course, "nbgrader", "generate_assignment", "ps1")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.update_or_create_assignment("ps1", duedate=DUE)
        gradebook.update_or_create_student("known")
        gradebook.update_or_create_submission("ps1", "known", extension=timedelta(days=2))
    for student in ("ada", "known"):
        hand_in(course, student, {})
        (course / "submitted" / student / "ps1" / "timestamp.txt").write_text(LATE)
    mark = str(folder / "mark")
    hand_in(course, "ada", {**ANSWERS, "sum_of_squares": "from helper import total as sum_of_squares"})
    (course / "submitted" / "ada" / "ps1" / "helper.py").write_text("def total(n):\n    return n * (n + 1) * (2 * n + 1) // 6")
    (course / "submitted" / "ada" / "ps1" / "tables" / "squares.csv").write_text("forged")
    hand_in(course, "blank", {})
    hand_in(course, "known", {**ANSWERS, "squares": ONLY_THE_KNOWN})
    hand_in(course, "forged", {**ANSWERS, "squares": FORGED})
    hand_in(course, "writes", {**ANSWERS, "squares": WRITES.format(path=mark)})
    return course


def run(folder: Path, *command: str) -> None:
    """Runs a command of this environment, as in one that is active: nbgrader by itself wants its program alembic so."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("NBGRADER")}
    env["PATH"] = os.pathsep.join([str(BIN), env["PATH"]])
    program, *arguments = command
    done = subprocess.run([str(BIN / program), *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def cell_of(notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def hand_in(course: Path, student: str, answers: dict[str, str]) -> None:
    folder = course / "submitted" / student / "ps1"
    shutil.copytree(course / "release" / "ps1", folder, dirs_exist_ok=True)
    notebook = nbformat.read(folder / "problem1.ipynb", as_version=4)
    for name, code in answers.items():
        cell_of(notebook, name).source = code
    nbformat.write(notebook, folder / "problem1.ipynb")


def graded(quickstart: Path, folder: Path, lines: str, *command: str) -> dict[tuple[str, str], float]:
    """(student, test) -> the score, and the price of being late, in a copy of the course with these lines."""
    course = folder / "course"
    shutil.copytree(quickstart, course)
    shutil.rmtree(course / "release")
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(lines)
    run(course, *command)
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        rows = gradebook.execute(SCORES).fetchall() + gradebook.execute(PENALTIES).fetchall()
    return {(student, name): score for student, name, score in rows}


GRADE = ("nbjudge", "grade", "ps1")


def test_honest_submissions_score_as_with_nbgrader_alone(quickstart: Path, tmp_path: Path) -> None:
    stock = graded(quickstart, tmp_path / "stock", "", "nbgrader", "autograde", "ps1")
    assert Path(quickstart.parent / "mark").exists()  # a student's code can write wherever the instructor can
    Path(quickstart.parent / "mark").unlink()
    one_by_one = graded(quickstart, tmp_path / "one", LINES, "nbgrader", "autograde", "ps1")
    at_once = graded(quickstart, tmp_path / "all", LINES, *GRADE)
    assert one_by_one == at_once
    for student in ("ada", "blank", "known"):
        of_one = {name: score for (who, name), score in stock.items() if who == student}
        assert of_one == {name: score for (who, name), score in at_once.items() if who == student} != {}
    assert stock["ada", "(late)"] > 0 and not stock["known", "(late)"]
    assert stock["ada", "correct_squares"] == 1 and stock["known", "correct_squares"] == 0
    assert not Path(quickstart.parent / "mark").exists()
    page = (tmp_path / "all" / "course" / "autograded" / "known" / "ps1" / "problem1.ipynb").read_text()
    assert "AssertionError" in page and "the assertions of the test cell hold" in page


def test_a_judge_of_ten_lines_is_not_forged(quickstart: Path, tmp_path: Path) -> None:
    asserted = graded(quickstart, tmp_path / "asserted", LINES, *GRADE)
    judged = graded(quickstart, tmp_path / "judged", JUDGE, *GRADE)
    assert asserted["forged", "correct_squares"] == 1  # the assertions run beside the answer, which has a say in them
    assert judged["forged", "correct_squares"] == 0
    assert [judged[student, "correct_squares"] for student in ("ada", "blank", "known")] == [1, 0, 1]
    notebook = json.loads((tmp_path / "judged" / "course" / "autograded" / "forged" / "ps1" / "problem1.ipynb").read_text())
    assert notebook["metadata"]["nbjudge"]["verdicts"]["correct_squares"]["status"] == "wrong"


def test_nothing_of_this_course_is_needed() -> None:
    """The package imports nothing of PS8 and no torch: it can be installed by itself."""
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and int(done.stdout) > 80, done.stderr
