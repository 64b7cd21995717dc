from __future__ import annotations

import nbformat
import pytest

from assignment.builder.lesson_notebooks import build_notebooks, stub_notebook
from assignment.builder.problem import BuildError
from assignment.builder.release import release_notebooks


@pytest.fixture
def notebooks(tiny):
    return build_notebooks(tiny.course(), tiny.folder, tiny.root)


@pytest.fixture
def nowhere(tmp_path):
    return tmp_path / "nbgrader_config.py"


def test_nbgrader_releases_what_the_stub_notebook_shows(notebooks, nowhere):
    released = nbformat.reads(release_notebooks(notebooks, "ps8", nowhere)["ps8"], 4)
    stub = stub_notebook("ps8", notebooks)
    assert [(c.id, c.source) for c in released.cells] == [(c.id, c.source) for c in stub.cells]
    assert released.metadata == stub.metadata


def test_every_run_gives_the_same_bytes(notebooks, nowhere):
    assert release_notebooks(notebooks, "ps8", nowhere) == release_notebooks(notebooks, "ps8", nowhere)


def test_locked_cells_are_locked_and_have_checksums(notebooks, nowhere):
    released = nbformat.reads(release_notebooks(notebooks, "ps8", nowhere)["ps8"], 4)
    cells = {cell.id: cell.metadata for cell in released.cells}
    assert cells["given-setup"]["editable"] is False
    assert cells["double"]["deletable"] is False
    assert "editable" not in cells["double-answer"]
    assert all(len(cells[name]["nbgrader"]["checksum"]) == 32 for name in ("given-setup", "double", "double-answer"))


def test_the_courses_configuration_is_followed(notebooks, nowhere):
    nowhere.write_text(
        'c = get_config()\nc.ClearSolutions.code_stub = {"python": "raise Exception"}\n'
        'c.CourseDirectory.release_directory = "/nowhere/at/all"\n'
    )
    text = release_notebooks(notebooks, "ps8", nowhere)["ps8"]
    assert "raise Exception" in text and "NotImplementedError" not in text


def test_no_gradebook_is_made(notebooks, nowhere, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    release_notebooks(notebooks, "ps8", nowhere)
    assert sorted(tmp_path.rglob("*")) == before


def test_what_nbgrader_refuses_is_said_in_its_words(notebooks, nowhere):
    cell = next(cell for cell in notebooks["ps8"].cells if cell.id == "given-setup")
    cell.source = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
    with pytest.raises(BuildError, match="Solution region detected in a non-solution cell"):
        release_notebooks(notebooks, "ps8", nowhere)
