"""What is said of a submission: answers that are not from their cells, a changed kernel, state that was left over."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Mapping, Sequence

from ipykernel.compiler import get_tmp_hash_seed, murmur2_x86
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked
from nbjudge.ground.listing import listed
from nbrepair.slicing import answer_cells

from autograder.collector.origin import ANSWERS
from autograder.provenance.devices import made_on_cpu, sentence
from autograder.provenance.notes import Notes, read_notes
from autograder.provenance.scan import behind, changes, parsed, rebinds
from autograder.questions import QUESTIONS

NAMED = 4  # things that one remark names
OF_STATE = "Left over from other cells, and put right"  # how the remarks begin that are nobody's fault


def remarks(nb: NotebookNode, evidence: Mapping[str, bytes], earned: Mapping[str, float]) -> list[str]:
    """Remarks on where answers came from and what they were tried in.

    Args:
        nb: a repaired submission.
        evidence: question -> the bytes that its probe wrote.
        earned: question -> points.
    """
    notes = {question: read_notes(blob) for question, blob in evidence.items()}
    told = {question: note for question, note in notes.items() if note is not None}
    said = [*_elsewhere(nb, told, earned), *_reached_behind(nb), *_changed(nb, told)]
    forged = [question for question, note in notes.items() if note is None]
    if forged:
        what = f"What the probe of {_titles(forged)} wrote down was not written by the grader's own collector"
        said.append(f"{what}: it was replaced, or written over.")
    return said + _stopped_on_gpu(nb) + _left_over(told)


def _elsewhere(nb: NotebookNode, notes: Mapping[str, Notes], earned: Mapping[str, float]) -> list[str]:
    """Answers whose code is not from their answer cell."""
    own = [i for i, _ in _written(nb)]
    said = []
    for question, cells in answer_cells(nb).items():
        name = ANSWERS.get(question, "")
        if not name or not cells:
            continue
        sources = [nb.cells[i].source for i in cells]
        after = [i for i in own if i > min(cells) and i not in cells and name in nb.cells[i].source]
        places = {i for i in after if rebinds(nb.cells[i].source, name)}
        from_cells = notes[question].cells if question in notes else ()
        outside = bool(from_cells) and not any(_number(source) in from_cells for source in sources)
        hollow = earned.get(question, 0.0) > 0 and all(_is_stub(source) for source in sources if name in source)
        if outside or hollow:
            places |= {i for i in own if i not in cells and _number(nb.cells[i].source) in from_cells}
        if outside or hollow or places:
            where = f"it is from {_cells(sorted(places))}" if places else "where it is from cannot be told"
            said.append(f"{_title(question)}: what was tried as `{name}` is not what stands in its answer cell; {where}.")
    return said


@functools.lru_cache(maxsize=256)
def _number(source: str) -> str:
    """The number by which IPython names a cell's text."""
    return str(murmur2_x86(source, get_tmp_hash_seed()))  # type: ignore[no-untyped-call]


def _is_stub(source: str) -> bool:
    """Whether every function in a cell but `__init__` would raise NotImplementedError, as it was released."""
    tree = parsed(source)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name != "__init__"] if tree else []
    return bool(functions) and all(_raises(function.body) for function in functions)


def _raises(block: Sequence[ast.stmt]) -> bool:
    """Whether a block comes to a bare `raise NotImplementedError`, unless it is left before that."""
    for statement in block:
        match statement:
            case ast.Return() | ast.Break() | ast.Continue():
                return False
            case ast.Raise(exc=ast.Name("NotImplementedError") | ast.Call(ast.Name("NotImplementedError"))):
                return True
            case ast.For(body=inner) | ast.While(body=inner) | ast.With(body=inner) | ast.Try(body=inner) if _raises(inner):
                return True
    return False


def _reached_behind(nb: NotebookNode) -> list[str]:
    """Cells that look or reach behind the scenes."""
    found: dict[str, list[int]] = {}
    for i, cell in _written(nb):
        for what in behind(cell.source):
            found.setdefault(what, []).append(i)
    return [f"{_cells(cells).capitalize()} reaches for {what}." for what, cells in found.items()]


def _changed(nb: NotebookNode, notes: Mapping[str, Notes]) -> list[str]:
    """Functions of PyTorch, NumPy, the kit or the collector that were replaced: seen in the text, or in the kernel."""
    said = []
    found = {i: names for i, cell in _written(nb) if (names := changes(cell.source))}
    for i, names in found.items():
        said.append(f"Cell {i + 1} replaces {listed([f'`{name}`' for name in names], NAMED)}.")
    known = {name for names in found.values() for name in names}
    in_kernel = [left.removesuffix(" replaced") for note in notes.values() for left in note.left if left.endswith(" replaced")]
    more = [name for name in dict.fromkeys(in_kernel) if name not in known]
    if more:
        quoted = listed([f"`{name}`" for name in more], NAMED)
        said.append(f"Replaced when answers were tried: {quoted}. The answers met the originals.")
    threads = [question for question, note in notes.items() if note.threads]
    if threads:
        said.append(f"A thread of the submission's was at work while {_titles(threads)} was tried.")
    return said


def _stopped_on_gpu(nb: NotebookNode) -> list[str]:
    """Answers that would stop on a GPU, a sentence each: the first cell of each that does."""
    said = []
    for question, cells in answer_cells(nb).items():
        found = {i: tensors for i in cells if (tensors := made_on_cpu(nb.cells[i].source, ANSWERS.get(question, "")))}
        said += [sentence(_title(question), i + 1, tensors) for i, tensors in list(found.items())[:1]]
    return said


def _left_over(notes: Mapping[str, Notes]) -> list[str]:
    """State of the kernel that was put right, once for all questions."""
    left = [what for note in notes.values() for what in note.left if not what.endswith(" replaced")]
    if not left:
        return []
    quoted = listed([f"`{what}`" if re.search(r"[=(\[]", what) else what for what in dict.fromkeys(left)], NAMED)
    return [f"{OF_STATE} before answers were tried: {quoted}. It cost nothing."]


def _written(nb: NotebookNode) -> list[tuple[int, NotebookNode]]:
    """The code cells that are the student's."""
    return [
        (i, cell) for i, cell in enumerate(nb.cells) if cell.cell_type == "code" and not is_grade(cell) and not is_locked(cell)
    ]


def _title(question: str) -> str:
    return QUESTIONS[question].title if question in QUESTIONS else question


def _titles(questions: Sequence[str]) -> str:
    return listed([_title(question) for question in questions], NAMED)


def _cells(places: Sequence[int]) -> str:
    named = ", ".join(str(place + 1) for place in places[:NAMED])
    return f"cell {named}" if len(places) == 1 else f"cells {named}{' and more' if len(places) > NAMED else ''}"
