"""Whether what is graded with is what the course says now: source, release, points. There is one truth, or no grading.

Nothing heavy is imported here before something has changed, so that asking costs next to nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from assignment.builder.course import load_course
from autograder.paths import ASSIGNMENT, COURSE, KIT, ROOT, SOLUTION

MEND = "`make notebooks`"
_OURS = ROOT / "autograder"  # the course directory of this repository
_NOTED = ".built"  # in `graded/`: a digest of what was found to be right
_INPUTS = (
    ROOT / "assignment" / "lesson",
    ROOT / "assignment" / "builder",
    KIT,
    SOLUTION,
    ROOT / "nbjudge" / "src" / "nbjudge" / "nbgrader_ext",
)
_OUTPUTS = (_OURS / "source", ROOT / "assignment" / "release")
_POINTS = """
SELECT notebook.name, base_cell.name, grade_cells.max_score FROM grade_cells
JOIN base_cell ON base_cell.id = grade_cells.id JOIN notebook ON notebook.id = base_cell.notebook_id
JOIN assignment ON assignment.id = notebook.assignment_id WHERE assignment.name = ?
"""
Points = dict[tuple[str, str], float]  # (notebook, question) -> what it is worth


class NotBuilt(RuntimeError):
    """What is graded with is not what the course says. The text says in a line what differs, and what to type."""


def check_built(course: Path = COURSE) -> None:
    """Looks whether source and release are what course.toml, lesson and solution would build now.

    What was looked at once and has not changed since is not looked at again. A course directory outside this repository has a
    source of its own: there the points alone are compared with course.toml.

    Raises:
        NotBuilt: if they are not.
    """
    if course.resolve() == _OURS:
        noted = course / "graded" / _NOTED
        digest = _digest()
        if not noted.is_file() or noted.read_text("utf-8", "replace") != digest:
            _compare()
            noted.parent.mkdir(exist_ok=True)
            noted.write_text(digest)
    if other := disagreement(points_of_source(course)):
        raise NotBuilt(f"The notebooks in {course.name}/source/ are not what course.toml says: {other}. Run {MEND}.")


def check_agreement(course: Path = COURSE) -> None:
    """Looks whether all that knows the questions (course.toml, source, kit, judge) knows the same ones.

    Raises:
        NotBuilt: naming the first on which they disagree.
    """
    from autograder.registries import problems  # brings torch

    if found := problems(course):
        more = f" And {len(found) - 1} more." if len(found) > 1 else ""
        raise NotBuilt(f"{found[0]}{more} Until they agree, nobody is graded.")


def disagreement(points: Points) -> str:
    """The questions that are worth something else here than in course.toml, in words. Others do not count."""
    said: Mapping[str, float] = load_course().points
    found = {question: worth for (_, question), worth in points.items()}
    return ", ".join(f"`{q}` counts {found[q]:g} and not {said[q]:g}" for q in said if q in found and found[q] != said[q])


def points_of_source(course: Path) -> Points:
    """What each graded cell of the instructor's notebooks is worth."""
    return {
        (path.stem, cell["grade_id"]): float(cell["points"])
        for path in sorted((course / "source" / ASSIGNMENT).glob("*.ipynb"))
        for cell in graded_cells(path)
        if cell.get("grade")
    }


def graded_cells(path: Path) -> list[dict]:
    """What nbgrader's metadata say of each of a source notebook's cells that have them.

    Raises:
        NotBuilt: if the notebook cannot be read.
    """
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return [cell["metadata"]["nbgrader"] for cell in cells if "nbgrader" in cell["metadata"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotBuilt(f"source/{ASSIGNMENT}/{path.name} cannot be read ({type(error).__name__}). Run {MEND}.") from error


def points_of_gradebook(course: Path) -> Points:
    """What each graded cell is worth in the gradebook; nothing if it does not know the assignment, or is none."""
    path = (course / "gradebook.db").resolve()
    with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as gradebook:
        return {(notebook, name): float(worth) for notebook, name, worth in gradebook.execute(_POINTS, (ASSIGNMENT,))}
    return {}


def _compare() -> None:
    from assignment.builder.__main__ import Build  # brings torch and all of nbgrader
    from assignment.builder.files import differences
    from assignment.builder.problem import BuildError

    build = Build()
    try:
        problems = [str(problem) for what in ("notebooks", "release") for problem in differences(*_planned(build.plan(what)))]
    except BuildError as error:
        problems = str(error).splitlines()
    if problems:
        more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
        raise NotBuilt(f"{problems[0].removesuffix(f' Run: {MEND}')}{more} Run {MEND}.")


def _planned(plan: tuple) -> tuple:
    files, suffix = plan
    return files, MEND, suffix


def _digest() -> str:
    """A digest of all that the notebooks are made of, and of the notebooks."""
    facts = [ROOT / "assignment" / "course.toml", _OURS / "nbgrader_config.py"]
    digest = hashlib.sha256()
    for path in sorted({*facts, *_files()}):
        if path.is_file():
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for folder in (*_INPUTS, *_OUTPUTS):
        yield from (path for path in folder.rglob("*") if path.suffix not in (".pyc", "") and "__pycache__" not in path.parts)
