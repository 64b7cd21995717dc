"""The course that `nbgrader quickstart` makes, with secrets planted, two honest students, and a judge of ten lines."""

from __future__ import annotations

import copy
import json
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import nbformat
import nbgrader
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from nbjudge.workspace import SECRET

from trials.attacks.arena import CANARIES, PLACES, Arena, opened
from trials.classroom.mutations import cell_of

ASSIGNMENT, NOTEBOOK = "ps1", "problem1.ipynb"
LIMITS = """Limits(  # small, so that what exhausts them does so soon
    cpu_seconds_per_cell=2, seconds_per_cell=20, seconds_per_notebook=45, cpu_seconds=40, memory_bytes=1 << 30, processes=64,
    written_bytes=32 << 20, evidence_bytes=16 << 20, output_bytes=8 << 20, message_bytes=2 << 20,
)"""
HEAD = "\nfrom nbjudge import configure\nfrom nbjudge.jail import Limits\n"
ASSERTED = f"""{HEAD}from nbjudge.assignment import Assignment

configure(get_config(), Assignment("ps1", {LIMITS}))
"""
JUDGED = f"""{HEAD}from nbjudge.judge.values import ByValues

SEVEN = "[globals().update(kept=squares, squares=lambda n: [7]), sum_of_squares(3), globals().update(squares=kept)][1]"
PS1 = ByValues(
    "ps1",
    {{
        "correct_squares": {{"[squares(n) for n in (1, 2, 5)]": [[1], [1, 4], [1, 4, 9, 16, 25]], "squares(12)[-1]": 144}},
        "squares_invalid_input": {{"squares(0)": ValueError, "squares(-4)": ValueError}},
        "correct_sum_of_squares": {{"sum_of_squares(10)": 385, "sum_of_squares(11)": 506}},
        "sum_of_squares_uses_squares": {{SEVEN: 7}},
    }},
    {LIMITS},
)
configure(get_config(), PS1)
"""
EXAMPLE = Path(nbgrader.__file__).with_name("docs") / "source" / "user_guide" / "source"  # what `quickstart` copies
QUESTIONS = ("correct_squares", "squares_invalid_input", "correct_sum_of_squares", "sum_of_squares_uses_squares")
HONEST = ("ada", "zoe")  # graded before and after whoever attacks, where one comes after the other
FULL = {"correct_squares": 1.0, "squares_invalid_input": 1.0, "correct_sum_of_squares": 0.5, "sum_of_squares_uses_squares": 0.5}
_SCORES = """
SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score FROM grade
JOIN base_cell ON base_cell.id = grade.cell_id JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id WHERE grade.auto_score IS NOT NULL
"""


def plant(folder: Path) -> Path:
    """Makes the course in an empty folder, beside a home and a folder for what attacks write outside; gives its own."""
    canaries = {name: f"canary-{name}-{secrets.token_hex(8)}" for name in PLACES}
    (folder / CANARIES).write_text(json.dumps(canaries))
    for place in ("home", "marks"):
        (folder / place).mkdir()
    (folder / "home" / ".netrc").write_text(f"password {canaries['home']}\n")
    course = folder / "course"
    source = course / "source" / ASSIGNMENT
    shutil.copytree(EXAMPLE / ASSIGNMENT, source, ignore=shutil.ignore_patterns("*.html"))
    (source / "problem2.ipynb").unlink()  # nothing in it is graded by a program
    notebook = nbformat.read(source / NOTEBOOK, as_version=4)
    test = cell_of(notebook, QUESTIONS[0])
    assert test is not None
    far = "\n" * 9  # from what a traceback shows of a failed assertion
    test.source += f"\n### BEGIN HIDDEN TESTS\nassert squares(12)[-1] == 144{far}# {canaries['hidden']}\n### END HIDDEN TESTS"
    nbformat.write(notebook, source / NOTEBOOK)
    (course / SECRET).touch(0o600)
    (course / SECRET).write_text(secrets.token_hex(32) + "\n")
    (course / "nbgrader_config.py").write_text("c = get_config()\nc.ExecutePreprocessor.timeout = 10\n")
    for name in HONEST:
        _hand_in_honestly(course, name, canaries["bystander"])
    return course


def _hand_in_honestly(course: Path, name: str, secret: str) -> None:
    notebook = nbformat.read(course / "source" / ASSIGNMENT / NOTEBOOK, as_version=4)
    notebook, _ = ClearHiddenTests().preprocess(notebook, {})
    for cell in notebook.cells:
        cell.source = "\n".join(line for line in cell.source.split("\n") if "### " not in line or "SOLUTION" not in line)
    own = cell_of(notebook, "sum_of_squares_equation")
    assert own is not None
    own.source += f"\n\n{secret}"
    folder = course / "submitted" / name / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / NOTEBOOK)


@contextmanager
def attacked(folder: Path) -> Iterator[Arena]:
    """The planted course with its servers running."""
    released = nbformat.read(folder / "course" / "source" / ASSIGNMENT / NOTEBOOK, as_version=4)
    for step in (ClearSolutions, ClearHiddenTests):
        released, _ = step().preprocess(copy.deepcopy(released), {"language": "python"})
    with opened(folder, released) as place:
        yield place


def scores(course: Path) -> dict[str, dict[str, float]]:
    """Student -> test -> the automatic score."""
    found: dict[str, dict[str, float]] = {}
    with closing(sqlite3.connect(f"file:{course / 'gradebook.db'}?mode=ro", uri=True)) as gradebook:
        for student, name, score in gradebook.execute(_SCORES):
            found.setdefault(student, {})[name] = score
    return found


def gained(got: Mapping[str, float], honest: Mapping[str, float]) -> float:
    """Points beyond those that the honest code earns."""
    return round(sum(max(0.0, got[name] - honest.get(name, 0.0)) for name in QUESTIONS if name in got), 2)


def answered(notebook: NotebookNode, key: str, text: str) -> NotebookNode:
    """A copy of a notebook with the text of one answer replaced."""
    notebook = copy.deepcopy(notebook)
    cell = cell_of(notebook, key)
    assert cell is not None
    cell.source = text
    return notebook
