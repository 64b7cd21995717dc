"""Kept outputs: when they are used again, and when the notebooks are run."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from assignment.builder.lesson_notebooks import METADATA
from book import pages as module
from book.pages import KEY, inputs, pages, with_outputs

ANSWER = "### BEGIN SOLUTION\ndoubled = 2 * x\n### END SOLUTION"


@pytest.fixture
def notebooks() -> dict[str, NotebookNode]:
    cells = [
        new_markdown_cell("# A title", id="title"),
        new_code_cell("print(1)", id="print"),
        new_code_cell(ANSWER, id="double", metadata={"nbgrader": {"solution": True, "grade_id": "double"}}),
    ]
    return {"ps8": new_notebook(cells=cells, metadata=deepcopy(METADATA))}


@pytest.fixture
def kit(tmp_path):
    folder = tmp_path / "kit"
    folder.mkdir()
    (folder / "settings.py").write_text("epochs = 3\n")
    return folder


@pytest.fixture
def run(monkeypatch, tmp_path, kit):
    """`pages`, where running a notebook only notes that it was run."""
    runs: list[str] = []

    def execute(notebook, name, folder, env):
        runs.append(env["PS8_PROFILE"])
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = [new_output("stream", name="stdout", text=f"run {len(runs)}")]
        return notebook

    monkeypatch.setattr("assignment.builder.book_notebooks.execute", execute)

    def made(notebooks, profile="quick"):
        found = pages(notebooks, profile, tmp_path / "kept", kit)
        return found, len(runs)

    return made


def said(made) -> list[str]:
    return [output.text for cell in made.notebooks["ps8"].cells for output in cell.get("outputs", [])]


def test_they_are_run_once(run, notebooks):
    first, runs = run(notebooks)
    assert (said(first), runs, first.profile) == (["run 1", "run 1"], 1, "quick")
    again, runs = run(notebooks)
    assert (said(again), runs) == (["run 1", "run 1"], 1)


def test_the_page_has_the_stub_and_not_the_answer(run, notebooks, tmp_path):
    made, _ = run(notebooks)
    assert "YOUR CODE HERE" in made.notebooks["ps8"].cells[2].source
    assert "2 * x" not in (tmp_path / "kept" / "ps8.ipynb").read_text()


def test_a_changed_sentence_runs_nothing_and_is_on_the_page(run, notebooks):
    run(notebooks)
    notebooks["ps8"].cells[0].source = "# A better title"
    notebooks["ps8"].cells.insert(1, new_markdown_cell("A new paragraph.", id="new"))
    made, runs = run(notebooks)
    assert runs == 1
    assert [cell.source for cell in made.notebooks["ps8"].cells[:2]] == ["# A better title", "A new paragraph."]
    assert said(made) == ["run 1", "run 1"]


@pytest.mark.parametrize("what", ["code", "answer", "kit", "new file in the kit", "profile"])
def test_what_outputs_follow_from_runs_them_again(run, notebooks, kit, what):
    run(notebooks)
    profile = "full" if what == "profile" else "quick"
    if what == "code":
        notebooks["ps8"].cells[1].source = "print(2)"
    elif what == "answer":
        notebooks["ps8"].cells[2].source = ANSWER.replace("2 * x", "x + x")
    elif what != "profile":
        (kit / ("settings.py" if what == "kit" else "more.py")).write_text("epochs = 4\n")
    made, runs = run(notebooks, profile)
    assert (runs, said(made)[0], made.profile) == (2, "run 2", profile)


@pytest.mark.parametrize("damage", ["no note", "note is no JSON", "no page", "half a page"])
def test_what_is_not_whole_is_run_again(run, notebooks, tmp_path, damage):
    run(notebooks)
    kept = tmp_path / "kept"
    if damage == "no note":
        (kept / KEY).unlink()
    elif damage == "note is no JSON":
        (kept / KEY).write_text("{")
    elif damage == "no page":
        (kept / "ps8.ipynb").unlink()
    else:
        text = (kept / "ps8.ipynb").read_text()
        (kept / "ps8.ipynb").write_text(text[: len(text) // 2])
    assert run(notebooks)[1] == 2
    assert json.loads((kept / KEY).read_text())["profile"] == "quick"
    assert run(notebooks)[1] == 2


def test_pages_of_notebooks_that_are_gone_are_removed(run, notebooks, tmp_path):
    run({**notebooks, "nce": deepcopy(notebooks["ps8"])})
    run(notebooks)
    assert [path.name for path in (tmp_path / "kept").glob("*.ipynb")] == ["ps8.ipynb"]


def test_hidden_tests_are_no_input(notebooks, kit):
    before = inputs(notebooks, "quick", kit)
    notebooks["ps8"].cells[1].source += "\n### BEGIN HIDDEN TESTS\njudge_here()\n### END HIDDEN TESTS"
    assert inputs(notebooks, "quick", kit) == before


def test_outputs_go_under_the_cell_of_the_same_id(notebooks):
    ran = deepcopy(notebooks["ps8"])
    ran.cells[1].outputs, ran.cells[1].execution_count = [new_output("stream", text="1\n")], 7
    page = with_outputs(ran, deepcopy(notebooks["ps8"]), notebooks["ps8"])
    assert (page.cells[1].outputs[0].text, page.cells[1].execution_count) == ("1\n", 7)
    with pytest.raises(KeyError):
        ran.cells[1].id = "another"
        with_outputs(ran, deepcopy(notebooks["ps8"]), notebooks["ps8"])


def test_the_data_is_the_sample_whatever_this_machine_has(monkeypatch, tmp_path):
    monkeypatch.setenv("PS8_DATA", "/elsewhere")
    env = module._environment(tmp_path)
    assert env["PS8_DATA"] == str(tmp_path / "data") and (tmp_path / "data").is_dir()
