"""The whole build: what it refuses, and that the real text is rendered without a warning."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest

from assignment.builder.__main__ import Build
from assignment.builder.anchors import mistake_anchor
from assignment.builder.checkout import ROOT
from assignment.builder.lesson_notebooks import stub_notebook
from autograder.catalogue import catalogue
from book import build as module
from book.build import main, render_html
from book.pages import Pages
from book.verify import toc_pages

from .conftest import figure, printed, write_page  # type: ignore[import-not-found]

ANCHORS = "".join(f'<p id="{mistake_anchor(mistake.id)}"></p>' for mistake in catalogue())
BODY = f'<img src="a.png"><a href="intro.html">there</a>{ANCHORS}'
DRAWN = {"given-table-all": figure, "given-load-data": lambda: printed("photo sample: 300 unlabelled, 10 training images\n")}


@pytest.fixture(scope="module")
def real() -> Pages:
    """The real walkthrough, with an invented figure and the name of the data as its only outputs."""
    notebooks = Build().notebooks
    pages = {name: stub_notebook(name, notebooks) for name in notebooks}
    for page in pages.values():
        for cell in page.cells:
            cell.metadata.pop("nbgrader", None)
            if cell.id in DRAWN:
                cell.outputs = [DRAWN[cell.id]()]
    return Pages(pages, "quick")


@pytest.fixture
def rendered(real, monkeypatch, tmp_path):
    """Runs the build; instead of notebook and Sphinx it has the real pages and small ones of HTML, changed by `damage`."""
    monkeypatch.setattr(module, "pages", lambda *_: deepcopy(real))

    def run(damage) -> tuple[int, Path]:
        def render(source: Path, out: Path) -> None:
            html = out / "_build" / "html"
            html.mkdir(parents=True)
            (html / "_static").mkdir()
            (html / "_static" / "book.css").write_text("p {}")
            (html / "a.png").write_bytes(b"\x89PNG")
            for name in toc_pages(source / "_toc.yml"):
                write_page(html, name, BODY)
            damage(html)

        monkeypatch.setattr(module, "render_html", render)
        return main(["--generated", str(tmp_path / "generated"), "--out", str(tmp_path / "book")]), tmp_path / "book"

    return run


def test_a_whole_book_ends_with_0_and_says_where_it_is(rendered, capsys):
    code, out = rendered(lambda html: None)
    assert code == 0
    assert capsys.readouterr().out.endswith(f"the book: {out}/_build/html/index.html\n")


def a_line_of_an_answer(html: Path) -> None:
    lines = (ROOT / "solution" / "contrast.py").read_text().split("\n")
    (answer,) = [line.strip() for line in lines if "return F.cross_entropy" in line]
    write_page(html, "ps8", f'<img src="a.png"><pre>{answer}</pre>')


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (a_line_of_an_answer, "ps8.html:1: holds a line of solution/contrast.py:"),
        (lambda html: (html / "nce.html").unlink(), "nce.html: missing, though _toc.yml names nce"),
        (lambda html: write_page(html, "names", "", text="short"), "names.html: empty, 5 letters of text"),
        (lambda html: write_page(html, "credits", '<a href="ps8.html#gone">x</a>'), "credits.html: links to ps8.html#gone"),
        (lambda html: write_page(html, "mistakes", ""), "mistakes.html: has no anchor encoder-bias-off, to which the feedback"),
        (lambda html: (html / "a.png").unlink(), "loads a.png, which is not there"),
        (lambda html: write_page(html, "ps8", "no figure"), "ps8.html: 0 figures, but its notebook has 1"),
    ],
    ids=["leak", "missing page", "empty page", "dead link", "missing mistake", "missing picture", "missing figure"],
)
def test_a_book_that_is_not_whole_ends_with_1_and_says_why(rendered, capsys, damage, told):
    code, _ = rendered(damage)
    said = capsys.readouterr()
    assert code == 1 and said.out == ""
    assert told in said.err and said.err.endswith("mend what is named above and run  make book  again.\n")


def test_a_misconception_that_points_nowhere_is_named(rendered, capsys, monkeypatch):
    monkeypatch.setattr(module, "write_sources", lambda *_, **__: {"encoder"})
    assert rendered(lambda html: None)[0] == 1
    assert "cmc_score points to the section 'cmc-score', which is no anchor of the walkthrough" in capsys.readouterr().err


def small_source(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "_config.yml").write_text("title: Small\nonly_build_toc_files: true\n")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: intro\n")
    (folder / "intro.md").write_text(text)
    return folder


def test_a_warning_fails_the_build_and_is_shown(tmp_path):
    source = small_source(tmp_path / "source", "# Title\n\nSee {ref}`nowhere`.\n")
    with pytest.raises(module.BuildError) as caught:
        render_html(source, tmp_path)
    assert "undefined label: 'nowhere'" in str(caught.value)
    assert "a warning counts as an error" in str(caught.value)


@pytest.mark.slow
def test_the_real_book_is_rendered_without_a_warning(real, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(module, "pages", lambda *_: deepcopy(real))
    code = main(["--generated", str(tmp_path / "generated"), "--out", str(tmp_path / "book")])
    assert (code, capsys.readouterr().err) == (0, "")
    html = tmp_path / "book" / "_build" / "html"
    assert {path.stem for path in html.glob("*.html")} >= {
        "index",
        "intro",
        "ps8",
        "nce",
        "names",
        "mistakes",
        "instructors",
        "credits",
    }
