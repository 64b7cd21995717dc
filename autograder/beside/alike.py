"""Boxes that say nearly the same as another student's: looked for when a grader opens a report, over all graded by then."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path

from nbjudge.ground.foreign_names import shown
from nbjudge.ground.markdown import in_a_sentence
from nbjudge.reports.similar import common_to, lines_of, nearly_the_same, own_work

from autograder.beside.boxes import BOXES, written

NAMED = 3  # students that one sentence names
Alike = Mapping[tuple[str, str], list[tuple[str, float]]]  # (student, box) -> others, and how alike, in percent
_File = tuple[str, Path, int, int]  # a student, the notebook, when it was changed, its size


def sentences(autograded: Path, assignment: str, notebook: str, student: str, given: str) -> dict[str, str]:
    """Box -> a sentence that names whose text is nearly the same; of the boxes of one student.

    Args:
        autograded: nbgrader's folder of graded notebooks.
        assignment: its folder in that of each student.
        notebook: the notebook's name.
        student: whose boxes.
        given: all text that students were given.
    """
    found = alike(files_of(autograded, assignment, notebook), given)
    return {box: _sentence(found[student, box]) for box in BOXES if (student, box) in found}


def files_of(autograded: Path, assignment: str, notebook: str) -> tuple[_File, ...]:
    """The graded notebooks of a class, as they are now."""
    found = []
    for path in sorted(autograded.glob(f"*/{assignment}/{notebook}.ipynb")):
        status = path.stat()
        found.append((path.parents[1].name, path, status.st_mtime_ns, status.st_size))
    return tuple(found)


@functools.lru_cache(maxsize=2)
def alike(files: tuple[_File, ...], given: str) -> Alike:
    """Whose boxes are nearly the same. Lines that were given, or that many wrote, do not count."""
    texts = {file[0]: _texts(*file[1:]) for file in files}
    known, common = set(lines_of(given, False)), common_to(len(texts))
    found: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for box in BOXES:
        lines = {student: lines_of(of_one.get(box, ""), False) for student, of_one in texts.items()}
        for one, other, percent in nearly_the_same(own_work(lines, known, common)):
            found.setdefault((one, box), []).append((other, percent))
            found.setdefault((other, box), []).append((one, percent))
    return found


@functools.lru_cache(maxsize=4096)
def _texts(path: Path, changed: int, size: int) -> dict[str, str]:
    """Box -> what a student wrote there; nothing of a file that cannot be read."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        named = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell["source"] for cell in cells}
        return {box: written("".join(named[box])) for box in BOXES if box in named}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _sentence(others: list[tuple[str, float]]) -> str:
    named = [f"{in_a_sentence(shown(other))} ({percent:.0f} %)" for other, percent in sorted(others, key=lambda o: -o[1])]
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    return f"**Nearly the same text as that of {', '.join(named[:NAMED])}{more}**: a reason to look, not a finding."
