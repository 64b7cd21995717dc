"""A name stands for one thing: no two modules of the product share a file name, no two public classes or functions theirs."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("assignment", "autograder", "benchmarks", "book", "nbjudge/src", "solution", "trials")

# What may share a name, and why.
HALVES = "the two halves of what several questions share: probed in the kit, judged behind the wall"
NBREPAIR = "nbrepair has what needs no nbgrader, nbjudge.repair the same for a course's files"
MODULES = {
    "catalogue": "nbjudge reads any course's catalogue, autograder has PS8's",
    "evidence": "the two ends of one file: written in the kernel, read by the judge",
    "layers": f"{HALVES}; ps8.layers prints the table of them",
    "losses": HALVES,
    "plan": NBREPAIR,
    "rebuild": NBREPAIR,
    "steps": HALVES,
    "tables": HALVES,
}
CLASSES = {
    "Evidence": "the two ends of one file: written in the kernel, read by the judge",
    "BadEvidence": "the same",
}
# Of functions only those of one room, where a reader meets both. What tries the grader is named after what it tries.
ROOMS = ("assignment/ps8", "assignment/builder", "autograder", "nbjudge/src")
FUNCTIONS = {
    "add": "each command's own, to the parser",
    "configure": "what a course's configuration calls, and what that comes to once the course is known to be read",
    "layout": "each platform's own, asked in turn",
    "main": "of commands",
    "publish": "the command and what it does",
    "rebuild": NBREPAIR,
}


def modules(root: Path) -> list[Path]:
    """The product's modules. Packages and commands have the names that Python asks for."""
    found = [path for part in PRODUCT for path in sorted((root / part).rglob("*.py"))]
    return [path for path in found if path.name not in ("__init__.py", "__main__.py")]


def in_a_question(path: Path) -> bool:
    """Whether a module stands in a question's own folder: all of these have the same files."""
    return path.parent.parent.name == "questions" and path.parent.name != "shared"


def public_classes(path: Path) -> list[str]:
    """Those of a module's top level, but for those of right answers, which have the names that the text asks for."""
    if path.name == "right_answers.py":
        return []
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [node.name for node in body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


def public_functions(path: Path) -> list[str]:
    """Those of a module's top level."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [node.name for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def shared(names: Iterable[tuple[str, Path]]) -> dict[str, list[str]]:
    """The names that stand at several places."""
    places = defaultdict(list)
    for name, path in names:
        places[name].append(str(path))
    return {name: where for name, where in places.items() if len(where) > 1}


def names_of(kind: str, root: Path) -> list[tuple[str, Path]]:
    if kind == "modules":
        return [(path.stem, path) for path in modules(root) if not in_a_question(path)]
    return [(name, path) for path in modules(root) for name in public_classes(path)]


def functions_shared(root: Path) -> dict[str, list[str]]:
    """The public functions of the same name in one room, but for those in the questions' own folders."""
    found: dict[str, list[str]] = {}
    for room in ROOMS:
        paths = [path for path in (root / room).rglob("*.py") if "questions" not in path.parts]
        found |= shared((name, path) for path in paths for name in public_functions(path))
    return found


def test_a_function_of_a_room_stands_for_one_thing() -> None:
    found = functions_shared(ROOT)
    assert not {name: places for name, places in found.items() if name not in FUNCTIONS}, "rename one, or say why both have it"
    assert not FUNCTIONS.keys() - found.keys(), "nothing shares these names any more: take them out of the list"


def test_a_second_function_is_found(tmp_path: Path) -> None:
    for place in ("autograder/one.py", "autograder/far/two.py", "nbjudge/src/nbjudge/three.py", "autograder/questions/a/b.py"):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("def found(): ...\ndef _own(): ...\n")
    assert [(name, len(places)) for name, places in functions_shared(tmp_path).items()] == [("found", 2)]


@pytest.mark.parametrize(("kind", "known"), [("modules", MODULES), ("classes", CLASSES)])
def test_a_name_stands_for_one_thing(kind: str, known: Mapping[str, str]) -> None:
    found = shared(names_of(kind, ROOT))
    assert not {name: places for name, places in found.items() if name not in known}, "rename one, or say why both have it"
    assert not known.keys() - found.keys(), "nothing shares these names any more: take them out of the list"


@pytest.mark.parametrize("kind", ["modules", "classes"])
def test_a_second_one_is_found(kind: str, tmp_path: Path) -> None:
    for place in ("autograder/one.py", "trials/one.py", "trials/questions/nce/one.py"):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("class Thing: ...\nclass _Own: ...\n")
    wanted = {"modules": ("one", 2), "classes": ("Thing", 3)}[kind]
    assert [(name, len(places)) for name, places in shared(names_of(kind, tmp_path)).items()] == [wanted]
