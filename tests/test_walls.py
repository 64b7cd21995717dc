"""Who may know of whom: the kit and the reference of nothing hidden, the grader of nothing that tries, shows or measures it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HIDDEN = {"nbjudge", "autograder", "solution", "assignment", "trials", "book", "benchmarks", "tests"}
ROOMS = {  # a room, and what nothing in it imports
    "assignment/ps8": HIDDEN,
    "nbjudge": HIDDEN - {"nbjudge"} | {"ps8"},
    "assignment/builder": {"nbjudge", "autograder", "trials", "book", "benchmarks", "tests"},
    "solution": HIDDEN - {"solution"},
    "autograder": {"trials", "book", "benchmarks", "tests"},
    "trials": {"book", "benchmarks", "tests"},
    "book": {"benchmarks", "tests"},
    "benchmarks": {"tests"},
}


def imports(path: Path) -> Iterator[str]:
    """The packages that a module imports, by their first name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_imports_from_one_above_it(room: str) -> None:
    modules = list((ROOT / room).rglob("*.py"))
    assert modules
    beyond = {str(path.relative_to(ROOT)): above for path in modules if (above := ROOMS[room].intersection(imports(path)))}
    assert not beyond


def test_what_is_imported_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("import os.path, trials.demo\n\n\ndef late():\n    from book.build import main\n")
    assert set(imports(module)) == {"os", "trials", "book"}
