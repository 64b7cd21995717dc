from __future__ import annotations

import os

import pytest
from nbformat.v4 import new_output

from assignment.builder.book_notebooks import book_notebook, book_pages
from assignment.builder.lesson_notebooks import build_notebooks, solved_notebook, stub_notebook, text_of
from assignment.builder.problem import BuildError


@pytest.fixture
def notebooks(tiny):
    return build_notebooks(tiny.course(), tiny.folder, tiny.root)


@pytest.fixture
def executed(notebooks):
    notebook = solved_notebook("ps8", notebooks)
    for number, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
        cell.execution_count = number + 1
        cell.outputs = [new_output("stream", name="stdout", text=f"output of {cell.id} at 0x7ffb05f04d50\n")]
    return notebook


def test_a_page_is_the_solutions_outputs_under_the_students_code(notebooks, executed):
    stub = stub_notebook("ps8", notebooks)
    page = book_notebook(executed, stub)
    assert [(cell.id, cell.source) for cell in page.cells] == [(cell.id, cell.source) for cell in stub.cells]
    code = [cell for cell in page.cells if cell.cell_type == "code"]
    assert [cell.outputs[0].text for cell in code] == [f"output of {cell.id} at 0x...\n" for cell in code]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    text = text_of(page)
    assert "factor * x" not in text and "judge_here" not in text and "SOLUTION" not in text


def test_a_page_holds_nothing_for_nbgrader(notebooks, executed):
    page = book_notebook(executed, stub_notebook("ps8", notebooks))
    assert set(page.metadata) == {"kernelspec", "language_info"}
    assert [dict(cell.metadata) for cell in page.cells if cell.metadata] == [{"tags": ["scratch"]}]


def test_inputs_are_not_changed(notebooks, executed):
    before = text_of(executed)
    book_notebook(executed, stub_notebook("ps8", notebooks))
    assert text_of(executed) == before


def test_other_cells_are_refused(notebooks, executed):
    del executed.cells[3]
    with pytest.raises(BuildError, match="have not the same cells"):
        book_notebook(executed, stub_notebook("ps8", notebooks))


def test_an_error_is_refused(notebooks, executed):
    cell = next(cell for cell in executed.cells if cell.id == "double-answer")
    cell.outputs = [new_output("error", ename="ValueError", evalue="no", traceback=[])]
    with pytest.raises(BuildError, match="cell double-answer of the solved notebook raised ValueError: no"):
        book_notebook(executed, stub_notebook("ps8", notebooks))


KIT = "class ps8:\n    check = staticmethod(print)\n"


def test_the_solved_notebook_is_run_with_profile_and_data(tiny, monkeypatch):
    code = "import os\nprint(os.environ['PS8_PROFILE'], os.environ['PS8_DATA'])\nopen('left', 'w').write(os.getcwd())\n"
    tiny.change(tiny.lesson, "import functools\n", "import functools\n" + code + KIT)
    second = '# Second\n\n```python id="load"\nprint(open("left").read())\n```\n'
    (tiny.folder / "second.md").write_text(second)
    monkeypatch.setenv("PS8_PROFILE", "full")
    notebooks = build_notebooks(tiny.course(), tiny.folder, tiny.root)
    pages = book_pages(notebooks, "grade", {**os.environ, "PS8_DATA": str(tiny.root)})
    said = {cell.id: "".join(o.get("text", "") for o in cell.get("outputs", ())) for cell in pages["ps8"].cells}
    assert said["given-setup"] == "grade data_cache\n"
    assert said["double"] == "double\n"
    assert "factor * x" not in text_of(pages["ps8"])
    # The second notebook runs where the first left its files, and the folder's name is not told.
    assert [o.text for o in pages["second"].cells[1].outputs] == [".\n"]


def test_a_cell_that_fails_is_named(tiny):
    tiny.change(tiny.lesson, "factor = 2", "factor = 2\nraise RuntimeError('broken')")
    notebooks = build_notebooks(tiny.course(), tiny.folder, tiny.root)
    with pytest.raises(BuildError) as caught:
        book_pages(notebooks, "grade")
    message = str(caught.value)
    assert message.startswith("the solved notebook ps8 fails at cell given-setup:")
    assert "RuntimeError: broken" in message
    assert "\x1b" not in message
