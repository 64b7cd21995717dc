from __future__ import annotations

import base64
import json

import pytest

from assignment.builder.problem import BuildError
from book.sources import filled, included, walkthrough, write_sources

from .conftest import PICTURE  # type: ignore[import-not-found]

CONTEXT = {
    "points": {"double": 10, "sign_of": 2.5, "report": 5},
    "course": {"name": "Vision", "book": "https://book/"},
}


@pytest.fixture
def folder(tmp_path):
    """Of the pages written by hand."""
    made = tmp_path / "book"
    (made / "_static").mkdir(parents=True)
    (made / "_static" / "book.css").write_text("p {}")
    (made / "intro.md").write_text("# {{ course.name }}\n\nOn the {{ data }}, {{ profile }}.\n")
    (made / "_config.yml").write_text('title: "{{ course.name }}"\n')
    (made / "references.bib").write_text("@misc{x, title = {{A}}}\n")
    (made / "build.py").write_text("")
    return made


def test_all_that_sphinx_reads_is_written_anew(folder, made, mistakes, tmp_path):
    out = tmp_path / "source"
    out.mkdir()
    (out / "old.md").write_text("old")
    sections = write_sources(out, made, CONTEXT, mistakes, folder)
    assert sections == {"double", "sign-of", "report"}
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert names == {"_static/book.css", "figures/accuracies.png", "intro.md", "_config.yml", "references.bib", "ps8.ipynb",
                     "mistakes.md"}  # fmt: skip
    assert (out / "intro.md").read_text() == "# Vision\n\nOn the photo sample, quick.\n"
    assert (out / "references.bib").read_text() == "@misc{x, title = {{A}}}\n"
    assert (out / "figures" / "accuracies.png").read_bytes() == base64.b64decode(PICTURE)


def test_the_given_pages_are_not_changed(folder, made, mistakes, tmp_path):
    before = json.dumps(made.notebooks["ps8"])
    write_sources(tmp_path / "source", made, CONTEXT, mistakes, folder)
    assert json.dumps(made.notebooks["ps8"]) == before


def test_a_first_page_without_its_figure_is_refused(folder, made, mistakes, tmp_path):
    cell = next(cell for cell in made.notebooks["ps8"].cells if cell.id == "given-table-all")
    cell.outputs = []
    with pytest.raises(BuildError, match=r"table-all of ps8\.ipynb draws no figure"):
        write_sources(tmp_path / "source", made, CONTEXT, mistakes, folder)


def test_a_page_that_names_what_is_not_there_is_named_with_its_line(folder):
    with pytest.raises(BuildError, match=r"^book/intro\.md:3: Jinja2: .*curse"):
        filled("intro.md", "# {{ course.name }}\n\n{{ curse.name }}\n", CONTEXT)


def test_a_page_of_the_repository_goes_a_level_down_and_its_links_there_are_words(tmp_path):
    (tmp_path / "README.md").write_text(
        "# Grader\n\n## Use\n\nSee [the jail](jail/README.md#x), [nbgrader](https://x.org), [above](#use).\n"
    )
    assert included("README.md", tmp_path) == "## Grader\n\n### Use\n\nSee the jail, [nbgrader](https://x.org), [above](#use)."


def test_nothing_is_fetched_when_the_walkthrough_is_read(page):
    text = "\n".join(cell.source for cell in walkthrough(page, CONTEXT, "quick")[0].cells)
    assert "badge.svg" not in text and "[Open in Colab](https://colab/x)" in text


def test_the_walkthrough_says_what_it_shows_and_marks_where_answers_go(page):
    made, titles = walkthrough(page, CONTEXT, "quick")
    assert made.cells[0].source.startswith("# The walkthrough\n\n```{note}\nThis is the students' notebook as a page.")
    assert "with the profile `quick`.\n```\n\n[Open in Colab](https://colab/x)" in made.cells[0].source
    marked = [cell.id for cell in made.cells if "exercise" in cell.metadata.get("tags", [])]
    assert marked == ["double-answer", "sign_of-answer"]
    assert titles["double"] == "1.1 Doubling"


def test_each_figure_says_to_one_who_does_not_see_it_where_it_belongs(page):
    made, _ = walkthrough(page, CONTEXT, "quick")
    cell = next(cell for cell in made.cells if cell.id == "given-table-all")
    assert cell.metadata["mystnb"]["image"]["alt"] == "Figure of the section 1.2 Signs, drawn by the code above it"


def test_pages_that_do_not_say_what_they_ran_on_are_refused(folder, made, mistakes, tmp_path):
    made.notebooks["ps8"].cells[1].outputs = []
    with pytest.raises(BuildError, match="no cell prints the data set's name"):
        write_sources(tmp_path / "source", made, CONTEXT, mistakes, folder)
