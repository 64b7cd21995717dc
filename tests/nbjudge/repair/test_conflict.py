"""What a merge left undecided is decided for the side that can be read, and costs nothing where nothing is lost."""

from __future__ import annotations

import copy
import json

import pytest
from nbformat import NotebookNode
from nbjudge.repair.conflict import has_conflict, resolved
from nbjudge.repair.read import read_notebook
from nbjudge.repair.rebuild import rebuild

from trials.broken_files import written

FULL = {"double": 10, "halve": 10, "shift": 20}
GIT = ("<<<<<<< HEAD", "||||||| 0123abc", "=======", ">>>>>>> origin/main")
BARE = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
NBDIME = ("<<<<<<< local <modified: text/plain>", "||||||| base", "=======", ">>>>>>> remote <modified: text/plain>")


def conflict(ours: str, theirs: str, base: str | None = None, marks: tuple[str, ...] = GIT) -> str:
    middle = f"{marks[1]}\n{base}\n" if base is not None else ""
    return f"{marks[0]}\n{ours}\n{middle}{marks[2]}\n{theirs}\n{marks[3]}"


def stubbed(notebook: NotebookNode, plan) -> NotebookNode:
    blank = copy.deepcopy(notebook)
    for cell in blank.cells:
        if cell.id in plan.by_key:
            cell.source = plan.by_key[cell.id].released
    return blank


def cell_text(notebook: NotebookNode, key: str) -> str:
    """The lines of a cell in the file, from its source on."""
    text = written(notebook).decode()
    start = text.index('   "source": [', text.index(f'"id": "{key}"'))
    return text[start : text.index("\n  }", start)]


def through(data: bytes, plan):
    read = read_notebook(data)
    assert read.notebook is not None, read.reason
    return rebuild(read.notebook, plan, read.remarks)


@pytest.mark.parametrize("marks", [GIT, BARE, NBDIME])
@pytest.mark.parametrize("with_base", [False, True])
@pytest.mark.parametrize("swap", [False, True])
def test_between_the_lines_of_the_file(marks, with_base, swap, good, plan, grader):
    """One side has the answer, the other the stub; of four answers it is now this side and now that."""
    text, blank = written(good).decode(), stubbed(good, plan)
    for n, key in enumerate(("double-answer", "halve-answer", "shift-answer", "report")):
        mine, stub = cell_text(good, key), cell_text(blank, key)
        sides = (stub, mine) if (n % 2 == 0) == swap else (mine, stub)
        text = text.replace(mine, conflict(*sides, base=stub if with_base else None, marks=marks))
    repaired = through(text.encode(), plan)
    assert grader(repaired.notebook) == FULL
    assert "4 conflicts" in repaired.remarks[0] and not repaired.notebook.metadata.nbjudge.lost


@pytest.mark.parametrize("marks", [GIT, BARE, NBDIME])
@pytest.mark.parametrize("swap", [False, True])
def test_in_the_text_of_a_cell(marks, swap, good, plan, grader):
    blank = stubbed(good, plan)
    for cell, stub in zip(good.cells, blank.cells, strict=True):
        if cell.id in ("double-answer", "shift-answer"):
            sides = (stub.source, cell.source) if swap else (cell.source, stub.source)
            cell.source = "# mine\n" + conflict(*sides, base="x = (", marks=marks)
    repaired = through(written(good), plan)
    assert grader(repaired.notebook) == FULL
    assert "2 conflicts" in repaired.remarks[0]


def test_whole_cells_of_both_sides(good, plan, grader):
    """Both added a cell at the same place: neither is to be given up."""
    text = written(good).decode()
    cells = text.split("\n  {\n")
    places = [n for n, cell in enumerate(cells) if '"id": "halve-answer"' in cell or '"id": "double-answer"' in cell]
    for n, other in ((places[0], "mine-1"), (places[1], "mine-2")):
        mine = "  {\n" + cells[n].rstrip()
        added = {"cell_type": "code", "id": other, "metadata": {}, "source": ["x = 1"]}
        cells[n] = conflict(mine, f"  {json.dumps(added)},")
    text = cells[0]
    for n, cell in enumerate(cells[1:], 1):
        text += ("\n" if n in places else "\n  {\n") + cell
    repaired = through(text.encode(), plan)
    assert grader(repaired.notebook) == FULL
    assert sum(cell.source == "x = 1" for cell in repaired.notebook.cells) == 2


def test_the_whole_file(good, plan, grader):
    blank = written(stubbed(good, plan)).decode()
    for sides in ((blank, written(good).decode()), (written(good).decode(), blank)):
        assert grader(through(conflict(*sides).encode(), plan).notebook) == FULL


@pytest.mark.parametrize("line", ["<<<<<<< HEAD", ">>>>>>> origin/main"])
def test_a_mark_that_was_forgotten(line, good, plan, grader):
    text = written(good).decode().replace('\n  {\n   "cell_type": "markdown"', f'\n{line}\n  {{\n   "cell_type": "markdown"', 1)
    repaired = through(text.encode(), plan)
    assert grader(repaired.notebook) == FULL and not repaired.notebook.metadata.nbjudge.lost


def test_it_is_a_loss_where_no_side_is_whole(good, plan):
    cell = next(cell for cell in good.cells if cell.id == "halve-answer")
    cell.source = conflict("def halve(x:\n    return x / 2", "def halve(x)\n    return")
    repaired = through(written(good), plan)
    assert repaired.notebook.metadata.nbjudge.lost == [repaired.remarks[0]] and "conflict" in repaired.remarks[0]


def test_windows_lines():
    text = conflict("x = (", "x = 1").replace("\n", "\r\n")
    assert resolved(text, lambda side: "(" not in side) == ("x = 1\r\n", 1)


@pytest.mark.parametrize("text", ["a\n=======\nb", "> > > > quoted", ">>> x\n1", "x <<<<<<< y", 's = "<<<<<<<"', "#======="])
def test_what_only_looks_alike(text):
    assert not has_conflict(text)


def test_code_with_marks_in_a_text_of_its_own_stays(good, plan):
    cell = next(cell for cell in good.cells if cell.id == "halve-answer")
    cell.source = f'MERGE = """\n{conflict("a", "b")}\n"""\n\n\n' + cell.source
    repaired = through(written(good), plan)
    assert repaired.remarks == []


def test_many_conflicts_are_soon_decided():
    text = "\n".join(conflict(f"x{n} = 1", f"y{n} = (") for n in range(5_000))
    found, count = resolved(text, lambda side: -side.count("("))
    assert count == 5_000 and "(" not in found
