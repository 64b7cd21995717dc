"""A new assignment that can be graded as it stands: a notebook with a question of each kind, and two submissions to try it."""

from __future__ import annotations

import re
from pathlib import Path

from nbformat import NotebookNode

from nbjudge.ground.notebooks import new_code_cell, new_markdown_cell, new_notebook, write

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
ANSWER = 'def mean(numbers):\n    """The mean of a list of numbers."""\n    {body}'
BODY = "### BEGIN SOLUTION\n    return sum(numbers) / len(numbers)\n    ### END SOLUTION"
TEST = """assert mean([1, 2, 3]) == 2
### BEGIN HIDDEN TESTS
assert mean([5]) == 5
assert mean([-1, 0, 4]) == 1
### END HIDDEN TESTS"""
EXAMPLES = {"example-right": "return sum(numbers) / len(numbers)", "example-blank": STUB.replace("\n", "\n    ")}
_NAME = re.compile(r"[A-Za-z0-9][\w-]*")


class NotNew(ValueError):
    """The assignment cannot be made. The text says why."""


def write_assignment(root: Path, name: str) -> list[Path]:
    """Writes an assignment's notebook into `source/`, and two submissions into `submitted/`.

    Args:
        root: nbgrader's course directory.
        name: of the assignment: letters, digits, `_` and `-`.

    Returns:
        The files.

    Raises:
        NotNew: if the name cannot be one, or something of that name is there.
    """
    if not _NAME.fullmatch(name):
        raise NotNew(f"{name!r} is no name for an assignment: use letters, digits, _ and -, such as ps9.")
    files = {root / "source" / name / f"{name}.ipynb": notebook(name, BODY)}
    files |= {root / "submitted" / who / name / f"{name}.ipynb": notebook(name, body) for who, body in EXAMPLES.items()}
    if there := [path.parent for path in files if path.parent.exists()]:
        raise NotNew(f"{there[0].relative_to(root)} is there already: choose another name, or remove it.")
    for path, written in files.items():
        path.parent.mkdir(parents=True)
        write(written, path)
    return list(files)


def notebook(name: str, body: str) -> NotebookNode:
    """The assignment's notebook with something in the place of the answer."""
    cells = [
        new_markdown_cell(f"# {name}\n\nWhat this assignment is about.", id="about"),
        new_markdown_cell("## 1 Mean\n\nComplete `mean`.", id="mean-text"),
        _marked(new_code_cell(ANSWER.format(body=body), id="mean-answer"), "mean-answer", solution=True, locked=False),
        _marked(new_code_cell(TEST, id="mean"), "mean", grade=True, points=2),
        _marked(
            new_markdown_cell("In words: what does a mean not tell?", id="words"), "words", grade=True, solution=True, points=1
        ),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(*cells, metadata=kernel)


def _marked(cell: NotebookNode, name: str, **facts: object) -> NotebookNode:
    """A cell with nbgrader's metadata."""
    plain = {"schema_version": 3, "grade_id": name, "grade": False, "solution": False, "task": False}
    locked = not facts.get("solution")
    cell.metadata["nbgrader"] = {**plain, "locked": locked, **facts}
    return cell
