"""Who may know of whom: the kit and the reference of nothing hidden, the grader of nothing that tries, shows or measures it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HIDDEN = {"nbjudge", "nbrepair", "autograder", "solution", "assignment", "trials", "book", "benchmarks", "tests"}
ROOMS = {  # a room, and what nothing in it imports
    "assignment/ps8": HIDDEN - {"nbrepair"},
    "nbjudge/src/nbrepair": HIDDEN - {"nbrepair"} | {"ps8", "nbgrader"},
    "nbjudge/src/nbjudge": HIDDEN - {"nbjudge", "nbrepair"} | {"ps8"},
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


HALVES = {"ps8.questions": ROOT / "assignment/ps8/questions", "autograder.questions": ROOT / "autograder/questions"}


def in_full(path: Path, package: str) -> set[str]:
    """What a module of a package imports, by full names; `from a import b` as a.b."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            start = ".".join(filter(None, [above, node.module]))
            found |= {f"{start}.{alias.name}" for alias in node.names}
    return found


def other_questions(path: Path, half: str) -> set[str]:
    """What a module of a question, or of what they share, imports of other questions, or of the registries, which know all."""
    folder = path.parent.name
    inside = {name: each for name in in_full(path, f"{half}.{folder}") for each in HALVES if f"{name}.".startswith(f"{each}.")}
    return {name for name, each in inside.items() if name.removeprefix(each).split(".")[1:2] not in ([folder], ["shared"])}


@pytest.mark.parametrize("half", HALVES)
def test_a_question_knows_of_no_other_but_through_what_is_shared(half: str) -> None:
    modules = list(HALVES[half].glob("*/*.py"))
    assert {path.parent.name for path in modules} >= {"encoder", "report_differences", "shared"}
    assert not {str(path.relative_to(ROOT)): found for path in modules if (found := other_questions(path, half))}


def test_what_is_imported_of_another_question_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "one" / "check.py"
    module.parent.mkdir()
    module.write_text(
        "import ps8.questions.two.probe\nfrom ps8.questions import ROOMS, shared\nfrom autograder.questions.two import JUDGED\n"
        "from ps8.questions.one.probe import probe_one\nfrom ps8.questions.shared.room import Room\nfrom ..two import check\n"
        "from .probe import probe_one\nfrom . import probe\nfrom .. import two\nimport ps8.questions\n"
    )
    assert other_questions(module, "ps8.questions") == {
        "ps8.questions",
        "ps8.questions.two",
        "ps8.questions.two.probe",
        "ps8.questions.two.check",
        "ps8.questions.ROOMS",
        "autograder.questions.two.JUDGED",
    }


def test_what_is_imported_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("import os.path, trials.demo\n\n\ndef late():\n    from book.build import main\n")
    assert set(imports(module)) == {"os", "trials", "book"}


def test_nothing_in_the_course_directory_hides_a_package_of_ours() -> None:
    """Programs that are started there, such as formgrader's server, look for packages there first."""
    found = {path.stem for path in (ROOT / "autograder").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert not found & {"nbjudge", "ps8", "assignment", "autograder", "solution", "trials", "book", "benchmarks"}
