"""Broken but honest: what editors, browsers and tired students do to a notebook whose answers are right.

Each function of `BREAKS` takes a good, solved notebook and gives the bytes of a file that is broken in one way. The grader must
give each the score of its clean twin, question by question.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

Break = Callable[[NotebookNode], bytes]
BREAKS: dict[str, Break] = {}

_HEADER = re.compile(r"^(class \w+.*?:|def \w+\(.*?\)(?: ->.*?)?:)[ \t]*$", re.MULTILINE | re.DOTALL)


def written(notebook: NotebookNode) -> bytes:
    """A notebook as Jupyter saves it."""
    raw = copy.deepcopy(notebook)
    for cell in raw.cells:
        cell.source = re.findall(r".*\n|.+$", cell.source)
    return (json.dumps(raw, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def _breaks(function: Callable[[NotebookNode], NotebookNode | dict[str, Any] | bytes | None]) -> Break:
    """Registers a function that changes a copy in place, or gives another notebook, its JSON or its bytes."""

    def broken(notebook: NotebookNode) -> bytes:
        notebook = copy.deepcopy(notebook)
        result = function(notebook)
        if isinstance(result, bytes):
            return result
        if result is not None and not isinstance(result, NotebookNode):
            return json.dumps(result, indent=1).encode()
        return written(notebook if result is None else result)

    broken.__doc__ = function.__doc__
    BREAKS[function.__name__.strip("_")] = broken
    return broken


def _code(source: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, id=f"new-{hashlib.sha256(source.encode()).hexdigest()[:8]}")


def _answers(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and is_solution(cell)]


def _tests(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if is_grade(cell) and not is_solution(cell)]


def _given(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and is_locked(cell) and not is_grade(cell)]


def _report(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown" and is_solution(cell)]


def _behind(notebook: NotebookNode, cell: NotebookNode, *others: NotebookNode) -> None:
    place = next(n for n, other in enumerate(notebook.cells) if other is cell) + 1
    notebook.cells[place:place] = list(others)


def _without(notebook: NotebookNode, gone: list[NotebookNode]) -> None:
    notebook.cells = [cell for cell in notebook.cells if not any(cell is other for other in gone)]


def _retyped(cell: NotebookNode, kind: str) -> None:
    cell.cell_type = kind
    for key in ("outputs", "execution_count"):
        cell.pop(key, None)
    if kind == "code":
        cell.update(outputs=[], execution_count=None)


def _stub(source: str) -> str:
    """What an answer may have looked like before it was written."""
    header = _HEADER.search(source)
    return f"{header[0]}\n    # YOUR CODE HERE\n    raise NotImplementedError" if header else "raise NotImplementedError"


def _middle(source: str) -> int:
    """A line near an answer's middle at which a cell may have been split: a method, or else an indented statement."""
    lines = source.split("\n")
    methods = [n for n, line in enumerate(lines) if n > 1 and re.match(r"    (def |@)", line)]
    inner = [n for n, line in enumerate(lines) if n > 1 and re.match(r" {4}\w", line) and lines[n - 1][:1] in (" ", "")]
    return (methods or inner or [len(lines)])[-1]


# Test and given cells


@_breaks
def test_cells_deleted(notebook: NotebookNode) -> None:
    """All test cells are gone."""
    _without(notebook, _tests(notebook))


@_breaks
def test_cells_copied(notebook: NotebookNode) -> None:
    """Each test cell is there twice, metadata and all."""
    for cell in _tests(notebook):
        _behind(notebook, cell, copy.deepcopy(cell))


@_breaks
def test_cells_moved(notebook: NotebookNode) -> None:
    """All test cells stand at the end."""
    tests = _tests(notebook)
    _without(notebook, tests)
    notebook.cells.extend(tests)


@_breaks
def test_cells_on_top(notebook: NotebookNode) -> None:
    """All test cells stand above everything."""
    tests = _tests(notebook)
    _without(notebook, tests)
    notebook.cells[:0] = tests


@_breaks
def test_cells_retyped(notebook: NotebookNode) -> None:
    """Each test cell was turned into text by a stray M."""
    for cell in _tests(notebook):
        _retyped(cell, "markdown")


@_breaks
def test_cells_edited(notebook: NotebookNode) -> None:
    """The checks are commented out."""
    for cell in _tests(notebook):
        cell.source = "# " + cell.source.replace("\n", "\n# ")


@_breaks
def test_cells_emptied(notebook: NotebookNode) -> None:
    """The checks were deleted, their cells not."""
    for cell in _tests(notebook):
        cell.source = ""


@_breaks
def given_cells_deleted(notebook: NotebookNode) -> None:
    """All given code is gone."""
    _without(notebook, _given(notebook))


@_breaks
def given_cells_copied(notebook: NotebookNode) -> None:
    """Every given cell is there twice."""
    for cell in _given(notebook):
        _behind(notebook, cell, copy.deepcopy(cell))


@_breaks
def given_cells_edited(notebook: NotebookNode) -> None:
    """Something was tried in every given cell."""
    for cell in _given(notebook):
        cell.source = cell.source.replace("(", "( ") + "\n# tried something here"


@_breaks
def import_in_given_cell(notebook: NotebookNode) -> None:
    """An import that the answers need was added to the first given cell, and a helper to another."""
    given = _given(notebook)
    given[0].source = "import math as student_math\n" + given[0].source
    given[-1].source += "\n\n\ndef student_helper(x):\n    return student_math.sqrt(x)"
    for cell in _answers(notebook):
        cell.source += "\n\n\nassert student_helper(4.0) == 2.0"


@_breaks
def text_deleted(notebook: NotebookNode) -> None:
    """Only code and the report are left."""
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code" or is_solution(cell)]


# Answers


@_breaks
def answers_copied(notebook: NotebookNode) -> None:
    """Each answer is there twice."""
    for cell in [*_answers(notebook), *_report(notebook)]:
        _behind(notebook, cell, copy.deepcopy(cell))


@_breaks
def answers_beside_stubs(notebook: NotebookNode) -> None:
    """The stubs stayed; each answer stands in a new cell below."""
    for cell in _answers(notebook):
        answer, cell.source = _code(cell.source), _stub(cell.source)
        _behind(notebook, cell, answer)


@_breaks
def answers_in_copies(notebook: NotebookNode) -> None:
    """Each answer cell was copied and the first copy filled in, the other left."""
    for cell in _answers(notebook):
        left = copy.deepcopy(cell)
        left.source = _stub(cell.source)
        _behind(notebook, cell, left)


@_breaks
def earlier_attempts(notebook: NotebookNode) -> None:
    """Above each answer stands an attempt that did not work."""
    for cell in _answers(notebook):
        place = notebook.cells.index(cell)
        attempt = _code(_stub(cell.source).replace("raise NotImplementedError", "pass  # this did not work"))
        notebook.cells.insert(place, attempt)


@_breaks
def answers_split(notebook: NotebookNode) -> None:
    """Each answer was split in its middle, as Ctrl-Shift-Minus does: both halves keep the metadata."""
    for cell in _answers(notebook):
        lines, middle = cell.source.split("\n"), _middle(cell.source)
        half = copy.deepcopy(cell)
        cell.source, half.source = "\n".join(lines[:middle]).rstrip(), "\n".join(lines[middle:])
        if half.source.strip():
            _behind(notebook, cell, half)


@_breaks
def answers_split_without_names(notebook: NotebookNode) -> None:
    """The same where the second half is a plain cell."""
    for cell in _answers(notebook):
        lines, middle = cell.source.split("\n"), _middle(cell.source)
        cell.source, half = "\n".join(lines[:middle]).rstrip(), _code("\n".join(lines[middle:]))
        if half.source.strip():
            _behind(notebook, cell, half)


@_breaks
def methods_added_later(notebook: NotebookNode) -> None:
    """The last method of each class was put in by a later cell, which is good Python."""
    for cell in _answers(notebook):
        lines, middle = cell.source.split("\n"), _middle(cell.source)
        name = re.search(r"^class (\w+)", cell.source, re.MULTILINE)
        method = re.match(r"    def (\w+)", lines[middle]) if middle < len(lines) else None
        if name and method and "super()" not in "\n".join(lines[middle:]):
            cell.source = "\n".join(lines[:middle]).rstrip()
            body = "\n".join(line[4:] for line in lines[middle:]).rstrip()
            _behind(notebook, cell, _code(f"{body}\n\n\n{name[1]}.{method[1]} = {method[1]}"))


@_breaks
def answers_exchanged(notebook: NotebookNode) -> None:
    """Each two neighbouring answers stand in each other's cells."""
    answers = _answers(notebook)
    for one, other in zip(answers[::2], answers[1::2], strict=False):
        one.source, other.source = other.source, one.source


@_breaks
def answers_in_one_cell(notebook: NotebookNode) -> None:
    """Each two neighbouring answers stand in the cell of the first; the other's cell is gone."""
    answers = _answers(notebook)
    for one, other in zip(answers[::2], answers[1::2], strict=False):
        one.source += "\n\n\n" + other.source
    _without(notebook, answers[1::2])


@_breaks
def answers_in_one_cell_beside_stub(notebook: NotebookNode) -> None:
    """The same where the other's cell is still the stub."""
    answers = _answers(notebook)
    for one, other in zip(answers[::2], answers[1::2], strict=False):
        one.source += "\n\n\n" + other.source
        other.source = _stub(other.source)


@_breaks
def answers_retyped(notebook: NotebookNode) -> None:
    """Answers turned into text and raw cells by stray keys, the report into code."""
    for number, cell in enumerate(_answers(notebook)):
        _retyped(cell, "raw" if number % 2 else "markdown")
    for cell in _report(notebook):
        _retyped(cell, "code")


@_breaks
def answers_retyped_without_names(notebook: NotebookNode) -> None:
    """The same, and the metadata of these cells is gone."""
    for cell in _answers(notebook):
        _retyped(cell, "markdown")
        cell.metadata, cell.id = NotebookNode(), "x" + cell.id


@_breaks
def answers_in_test_cells(notebook: NotebookNode) -> None:
    """Each answer was written over its test; the answer's cell is empty."""
    for cell in _answers(notebook):
        place = notebook.cells.index(cell)
        test = next((other for other in notebook.cells[place:] if is_grade(other) and other.cell_type == "code"), None)
        if test is not None and test.source.startswith("#"):
            cell.source, test.source = "", cell.source


@_breaks
def answers_at_the_end(notebook: NotebookNode) -> None:
    """All answers were written at the end, below the whole notebook, in plain cells."""
    found = [_code(cell.source) for cell in _answers(notebook)]
    _without(notebook, _answers(notebook))
    notebook.cells.extend(found)


@_breaks
def report_in_new_cells(notebook: NotebookNode) -> None:
    """The report stands in two new cells below its own, which is still the stub."""
    for cell in _report(notebook):
        first, second = _halves(cell.source)
        cell.source = "YOUR ANSWER HERE"
        texts = [nbformat.v4.new_markdown_cell(text, id=f"words-{n}") for n, text in enumerate((first, second))]
        _behind(notebook, cell, *texts)


@_breaks
def report_below_question(notebook: NotebookNode) -> None:
    """The report was written into the cell of its question."""
    for cell in _report(notebook):
        question = notebook.cells[notebook.cells.index(cell) - 1]
        question.source += "\n\n" + cell.source
        cell.source = "YOUR ANSWER HERE"


def _halves(text: str) -> tuple[str, str]:
    paragraphs = text.split("\n\n")
    middle = max(1, len(paragraphs) // 2)
    return "\n\n".join(paragraphs[:middle]), "\n\n".join(paragraphs[middle:]) or "The end."


# Helpers, order and leftovers


@_breaks
def helpers_beside(notebook: NotebookNode) -> None:
    """A helper above each answer that the answer calls, and notes below it."""
    for number, cell in enumerate(_answers(notebook)):
        helper = _code(f"def helper_{number}():\n    return {number}")
        notebook.cells.insert(notebook.cells.index(cell), helper)
        cell.source += f"\n\n\nassert helper_{number}() == {number}"
        _behind(notebook, cell, nbformat.v4.new_markdown_cell("This took me long.", id=f"note-{number}"))


@_breaks
def helpers_below(notebook: NotebookNode) -> None:
    """Run out of order: what each answer needs stands in a cell further down."""
    cells = []
    for number, cell in enumerate(_answers(notebook)):
        cells.append(_code(f"import math as m{number}\n\n\ndef helper_{number}():\n    return m{number}.sqrt(4)"))
        cell.source += f"\n\n\nassert helper_{number}() == 2"
    notebook.cells.extend(cells)


@_breaks
def executed_out_of_order(notebook: NotebookNode) -> None:
    """Execution counts run backwards, and old outputs hold errors and warnings."""
    trace = ["\u001b[0;31mNameError\u001b[0m: name 'torch' is not defined"]
    for number, cell in enumerate(reversed(notebook.cells)):
        if cell.cell_type == "code":
            cell.execution_count = number + 1
            cell.outputs = [
                nbformat.v4.new_output("error", ename="NameError", evalue="torch", traceback=trace),
                nbformat.v4.new_output("stream", name="stderr", text="UserWarning: something\n"),
            ]


@_breaks
def stored_scores(notebook: NotebookNode) -> None:
    """Outputs from the student's own run, numbers among them."""
    for cell in _tests(notebook):
        cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "0.0"}, execution_count=1)]


@_breaks
def leftover_shell_lines(notebook: NotebookNode) -> None:
    """!pip, %pip, !ls and magics, in cells of their own and in the answers."""
    notebook.cells.insert(0, _code("!pip install ps8-kit torchsummary\n%pip install tqdm\n!nvidia-smi\nfiles = !ls"))
    for number, cell in enumerate(_answers(notebook)):
        cell.source = ("%%time\n" if number % 2 else "%matplotlib inline\n") + cell.source + "\n\n!ls -l\n"


@_breaks
def leftover_colab_lines(notebook: NotebookNode) -> None:
    """A drive is mounted, which is there on Colab only."""
    mount = "from google.colab import drive\n\ndrive.mount('/content/drive')\n%cd /content/drive/MyDrive/ps8"
    notebook.cells.insert(0, _code(mount))


@_breaks
def leftover_input(notebook: NotebookNode) -> None:
    """Cells that ask and wait."""
    notebook.cells.insert(0, _code("name = input('Who are you? ')"))
    for cell in _answers(notebook):
        cell.source += "\n\n\ninput('Press Enter to go on')"


@_breaks
def noise_on_stderr(notebook: NotebookNode) -> None:
    """Warnings and progress bars in the answers, which write to stderr."""
    noise = "import sys\nimport warnings\n\nfrom tqdm import tqdm\n\n"
    for cell in _answers(notebook):
        cell.source = noise + cell.source
        cell.source += "\n\n\nwarnings.warn('deprecated')\nprint('done', file=sys.stderr)\nlist(tqdm(range(3)))"


@_breaks
def leftover_experiments(notebook: NotebookNode) -> None:
    """Below everything, cells that fail, and one that redefines the first answer to try something else."""
    name = re.search(r"^(?:class|def) (\w+)", _answers(notebook)[0].source, re.MULTILINE)
    notebook.cells.append(_code("1 / 0"))
    notebook.cells.append(_code(f"class {name[1] if name else 'Something'}:\n    pass"))
    notebook.cells.append(_code("for i in range(3)\n    print(i)"))


@_breaks
def empty_cells(notebook: NotebookNode) -> None:
    """An empty cell after every cell."""
    notebook.cells = [part for cell in notebook.cells for part in (cell, _code(""))]


# Metadata and editors


def _forget(notebook: NotebookNode) -> None:
    notebook.metadata = NotebookNode()
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = NotebookNode(), f"lost-{number}"


@_breaks
def metadata_gone(notebook: NotebookNode) -> None:
    """All metadata and ids are gone, as after a way through an editor that keeps neither."""
    _forget(notebook)


@_breaks
def metadata_gone_and_edited(notebook: NotebookNode) -> None:
    """The same, with given cells changed a little and comments in the answers."""
    for cell in _given(notebook):
        cell.source += "\n# look again"
    for cell in _answers(notebook):
        cell.source = "# my answer\n" + cell.source
    _forget(notebook)


@_breaks
def metadata_changed(notebook: NotebookNode) -> None:
    """Points, grade ids, kernel and language are not what they were."""
    notebook.metadata = NotebookNode(
        kernelspec={"name": "ir", "display_name": "R", "language": "R"},
        language_info={"name": "R"},
        celltoolbar="Create Assignment",
    )
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(schema_version=99, cell_type="raw", task=True)
            if is_grade(cell):
                cell.metadata.nbgrader.points = 1000
        cell.metadata["huge"] = "x" * 1000


@_breaks
def grade_ids_exchanged(notebook: NotebookNode) -> None:
    """The grade ids of neighbouring answers are exchanged."""
    answers = _answers(notebook)
    for one, other in zip(answers[::2], answers[1::2], strict=False):
        one.metadata, other.metadata = other.metadata, one.metadata
        one.id, other.id = other.id, one.id


@_breaks
def saved_by_colab(notebook: NotebookNode) -> dict[str, Any]:
    """Colab's save: nbformat 4.0, ids in the metadata, its own metadata, sources as lists, outputs in its order."""
    cells = []
    for cell in notebook.cells:
        node: dict[str, Any] = {"cell_type": cell.cell_type, "source": cell.source.splitlines(True)}
        node["metadata"] = {**cell.metadata, "id": cell.id}
        if cell.cell_type == "code":
            node["metadata"].update(colab={"base_uri": "https://localhost:8080/"}, outputId="0ad1-77")
            node.update(execution_count=None, outputs=[])
        cells.append(node)
    metadata = {**notebook.metadata, "accelerator": "GPU", "colab": {"name": "Copy of ps8.ipynb", "provenance": []}}
    return {"nbformat": 4, "nbformat_minor": 0, "metadata": metadata, "cells": cells}


@_breaks
def saved_by_colab_without_names(notebook: NotebookNode) -> dict[str, Any]:
    """Colab's save after copying cells into a new notebook: ids of its own, no nbgrader metadata."""
    cells = []
    for number, cell in enumerate(notebook.cells):
        node: dict[str, Any] = {"cell_type": cell.cell_type, "source": cell.source.splitlines(True)}
        node["metadata"] = {"id": f"aB3_{number:08d}"}
        if cell.cell_type == "code":
            node.update(execution_count=None, outputs=[])
        cells.append(node)
    return {"nbformat": 4, "nbformat_minor": 0, "metadata": {"colab": {"provenance": []}}, "cells": cells}


@_breaks
def saved_by_vs_code(notebook: NotebookNode) -> None:
    """VS Code's save: its own metadata on every cell, and a kernel of its own."""
    notebook.metadata = NotebookNode(
        kernelspec={"display_name": "base", "language": "python", "name": "python3"},
        language_info={"name": "python", "version": "3.11.5", "file_extension": ".py"},
        vscode={"interpreter": {"hash": "0" * 64}},
    )
    for cell in notebook.cells:
        cell.metadata["vscode"] = {"languageId": "python" if cell.cell_type == "code" else "markdown"}
        if cell.cell_type == "code":
            cell.execution_count = 0


# The file


@_breaks
def nbformat_4_0(notebook: NotebookNode) -> NotebookNode:
    """Without cell ids, by an old Jupyter."""
    notebook.nbformat_minor = 0
    for cell in notebook.cells:
        del cell["id"]
    return notebook


@_breaks
def nbformat_3(notebook: NotebookNode) -> dict[str, Any]:
    """As IPython 2 would have saved it: worksheets, headings, `input`."""
    cells: list[dict[str, Any]] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            node = {"cell_type": "code", "input": cell.source.splitlines(True), "language": "python", "outputs": []}
            cells.append({**node, "metadata": cell.metadata, "collapsed": False})
        elif re.fullmatch(r"#+ [^\n]+", cell.source):
            level, _, title = cell.source.partition(" ")
            cells.append({"cell_type": "heading", "level": len(level), "metadata": cell.metadata, "source": [title]})
        else:
            cells.append({"cell_type": "markdown", "metadata": cell.metadata, "source": cell.source.splitlines(True)})
    sheets = [{"cells": cells, "metadata": {}}]
    return {"metadata": {"name": "ps8"}, "nbformat": 3, "nbformat_minor": 0, "worksheets": sheets}


@_breaks
def byte_order_mark(notebook: NotebookNode) -> bytes:
    """UTF-8 with a mark in front, as Notepad saves."""
    return b"\xef\xbb\xbf" + written(notebook)


@_breaks
def utf_16(notebook: NotebookNode) -> bytes:
    """As PowerShell's redirection writes."""
    return written(notebook).decode().encode("utf-16")


@_breaks
def utf_16_without_mark(notebook: NotebookNode) -> bytes:
    """The same without its byte order mark."""
    return written(notebook).decode().encode("utf-16-be")


@_breaks
def carriage_returns(notebook: NotebookNode) -> None:
    """Lines end as on Windows, in the file's strings too."""
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")


@_breaks
def junk_behind(notebook: NotebookNode) -> bytes:
    """The end of an older, longer version is left behind the new one."""
    data = written(notebook)
    return data + data[-300:]


@_breaks
def zeros_behind(notebook: NotebookNode) -> bytes:
    """A full disk: zeros up to the end of a block."""
    return written(notebook) + b"\0" * 512


@_breaks
def characters_lost(notebook: NotebookNode) -> bytes:
    """NUL, a lone surrogate and a control character in comments, and a byte that is no UTF-8."""
    for cell in _answers(notebook):
        cell.source = "# \0 \ud800 caf\u00e9 \x08\n" + cell.source
    data = json.dumps(notebook).encode()
    return data.replace(b"caf\\u00e9", b"caf\xe9")


@_breaks
def merge_conflict(notebook: NotebookNode) -> bytes:
    """Git's marks between two cells and in an output."""
    lines = written(notebook).decode().split("\n")
    places = [n for n, line in enumerate(lines) if line == "  {"]
    place = places[len(places) // 2]
    lines[place:place] = ["<<<<<<< HEAD", "=======", ">>>>>>> origin/main"]
    return "\n".join(lines).encode()


@_breaks
def fields_missing(notebook: NotebookNode) -> dict[str, Any]:
    """No metadata, outputs, counts or versions; sources as strings and as lists; things that are no cells."""
    cells: list[Any] = []
    for number, cell in enumerate(notebook.cells):
        node: dict[str, Any] = {"cell_type": cell.cell_type}
        node["source"] = cell.source.split("\n") if number % 2 else cell.source
        if "nbgrader" in cell.metadata:
            node["metadata"] = {"nbgrader": {"grade_id": cell.metadata.nbgrader.grade_id}}
        cells.append(node)
    return {"cells": [None, *cells, 7, {"cell_type": "code"}, {"cell_type": "code", "source": {}}]}


@_breaks
def unknown_cell_types(notebook: NotebookNode) -> dict[str, Any]:
    """An editor that has its own names for cells."""
    raw = json.loads(written(notebook))
    for cell in raw["cells"]:
        cell["cell_type"] = {"code": "cell", "markdown": "text"}[cell["cell_type"]]
    return raw


@_breaks
def fields_doubled(notebook: NotebookNode) -> bytes:
    """A cell type given twice: of equal keys the last counts, as everywhere."""
    return written(notebook).replace(b'"cell_type": "code"', b'"cell_type": "raw", "cell_type": "code"')


@_breaks
def broken_output(notebook: NotebookNode) -> bytes:
    """An output that was cut in its middle, in an otherwise whole file."""
    noise = _code("print('x')")
    noise.outputs = [nbformat.v4.new_output("stream", text="CUT HERE\n" * 3)]
    notebook.cells.insert(len(notebook.cells) // 2, noise)
    return written(notebook).replace(b'CUT HERE\\n"', b"CUT", 1)


@_breaks
def deep_output(notebook: NotebookNode) -> bytes:
    """An output nested more deeply than any reader goes."""
    data = written(notebook)
    place = data.rindex(b'"outputs": []')
    deep = b'"outputs": [' + b"[" * 5000 + b"]" * 5000 + b"]"
    return data[:place] + deep + data[place + len(b'"outputs": []') :]


@_breaks
def much_output(notebook: NotebookNode) -> None:
    """A training loop that printed every step: megabytes of it."""
    for cell in _given(notebook)[-2:]:
        cell.outputs = [nbformat.v4.new_output("stream", text="step 17: loss 0.123, accuracy 0.456\n" * 50_000)]
