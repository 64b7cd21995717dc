"""Every break of the corpus scores as its clean twin does."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbjudge.repair.plan import make_plan
from nbjudge.repair.read import read_notebook
from nbjudge.repair.rebuild import rebuild
from nbrepair.plan import Role

from trials.broken_files import BREAKS

FULL = {"double": 10, "halve": 10, "shift": 20}

# What an honest student may do without a word from us.
SILENT = {
    "carriage_returns",
    "empty_cells",
    "executed_out_of_order",
    "given_cells_edited",  # comments and spaces only
    "helpers_beside",
    "leftover_colab_lines",
    "leftover_input",
    "leftover_shell_lines",
    "metadata_changed",
    "methods_added_later",
    "much_output",
    "nbformat_4_0",
    "noise_on_stderr",
    "saved_by_colab",
    "saved_by_vs_code",
    "stored_scores",
    "text_deleted",
    "unknown_cell_types",
}


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", BREAKS)
def test_scores_as_its_clean_twin(name, good, plan, grader):
    read = read_notebook(BREAKS[name](good))
    assert read.notebook is not None, read.reason
    repaired = rebuild(read.notebook, plan, read.remarks)
    assert grader(repaired.notebook) == FULL, repaired.remarks
    report = next(cell for cell in repaired.notebook.cells if cell.id == "report")
    assert squeezed(report.source) == squeezed(good.cells[-3].source)


@pytest.mark.parametrize("name", BREAKS)
def test_the_rest_is_the_sources(name, good, plan):
    notebook = rebuild(read_notebook(BREAKS[name](good)).notebook, plan).notebook
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    kept = [cell for cell in notebook.cells if cell.id in plan.by_key]
    assert [cell.id for cell in kept] == [slot.key for slot in plan.slots]
    for cell, slot in zip(kept, plan.slots, strict=True):
        assert cell.metadata == slot.cell.metadata
        if slot.role in (Role.TEST, Role.GIVEN, Role.TEXT):
            assert cell == slot.cell
    assert all(not cell.metadata for cell in notebook.cells if cell not in kept)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    assert notebook.metadata.kernelspec == plan.metadata.kernelspec
    assert set(notebook.metadata) == {*plan.metadata, "nbjudge"}


@pytest.mark.parametrize("name", BREAKS)
def test_says_what_was_repaired(name, good, plan):
    read = read_notebook(BREAKS[name](good))
    repaired = rebuild(read.notebook, plan, read.remarks)
    assert bool(repaired.remarks) is (name not in SILENT), repaired.remarks
    assert repaired.notebook.metadata.nbjudge.repairs == repaired.remarks
    assert len(repaired.remarks) <= 5
    assert all("{" not in remark and remark.endswith(".") and len(remark) < 400 for remark in repaired.remarks)


@pytest.mark.parametrize("name", BREAKS)
def test_is_deterministic(name, good, plan, source):
    data = BREAKS[name](good)
    assert data == BREAKS[name](good)
    first = rebuild(read_notebook(data).notebook, plan)
    second = rebuild(read_notebook(data).notebook, make_plan(source))
    assert json.dumps(first.notebook) == json.dumps(second.notebook)


def test_breaks_leave_the_good_one_alone(good):
    before = json.dumps(good)
    for broken in BREAKS.values():
        broken(good)
    assert json.dumps(good) == before


def test_breaks_say_what_they_are():
    assert all(broken.__doc__ for broken in BREAKS.values())


# Two things gone wrong at once: what befalls answers, and then what befalls the rest or the file.
SECOND = (
    "test_cells_deleted",
    "test_cells_moved",
    "empty_cells",
    "metadata_gone",
    "saved_by_vs_code",
    "nbformat_3",
    "fields_missing",
    "characters_lost",
)


def as_nodes(data: bytes) -> nbformat.NotebookNode | None:
    """The notebook in a broken file, if a break of notebooks can be put on top."""
    try:
        notebook = nbformat.from_dict(json.loads(data))
        kinds = {cell.cell_type for cell in notebook.cells if cell.metadata is not None}
    except (ValueError, AttributeError, RecursionError):
        return None
    if not kinds <= {"code", "markdown", "raw"} or notebook.get("nbformat") != 4:
        return None
    for number, cell in enumerate(notebook.cells):
        cell.source = "".join(cell.source)
        cell.setdefault("id", f"z{number}")
    return notebook


@pytest.mark.parametrize("second", SECOND)
def test_two_at_once(second, good, plan, grader):
    tried = 0
    for first, broken in BREAKS.items():
        notebook = as_nodes(broken(good))
        if notebook is None or first == second or (first, second) == ("answers_in_test_cells", "test_cells_deleted"):
            continue
        read = read_notebook(BREAKS[second](notebook))
        repaired = rebuild(read.notebook, plan, read.remarks)
        assert grader(repaired.notebook) == FULL, (first, second, repaired.remarks)
        tried += 1
    assert tried >= 40
