from __future__ import annotations

import base64

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from assignment.builder.secret_lines import Secret
from book.verify import anchor_problems, figure_problems, leak_problems, link_problems, page_problems, toc_pages

from .conftest import figure, write_page  # type: ignore[import-not-found]

SECRET = Secret("doubled_number = factor * x", "answers/part.py", 18)


def test_a_whole_book_has_no_problem(html):
    assert page_problems(html, ["intro", "ps8"]) == []
    assert link_problems(html) == []
    assert leak_problems(html, [SECRET]) == []


def test_the_table_of_contents_is_read_to_its_leaves(tmp_path):
    toc = (
        "format: jb-book\nroot: intro\nparts:\n- caption: A\n  chapters:\n  - file: ps8\n    sections:\n    - file: deep/page\n"
    )
    (tmp_path / "_toc.yml").write_text(toc)
    assert toc_pages(tmp_path / "_toc.yml") == ["intro", "ps8", "deep/page"]


def test_a_missing_page_is_named(html):
    (html / "ps8.html").unlink()
    assert page_problems(html, ["intro", "ps8"]) == ["ps8.html: missing, though _toc.yml names ps8"]


def test_an_empty_page_is_named(html):
    write_page(html, "ps8", "<h1>Title</h1>", text="")
    assert page_problems(html, ["ps8"]) == ["ps8.html: empty, 5 letters of text"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<a href="gone.html">x</a>', "intro.html: links to gone.html, which is not there"),
        ('<a href="ps8.html#gone">x</a>', "intro.html: links to ps8.html#gone, but there is no such anchor"),
        ('<a href="#gone">x</a>', "intro.html: links to #gone, but there is no such anchor"),
        ('<img src="_static/gone.png">', "intro.html: loads _static/gone.png, which is not there"),
        ('<script src="https://cdn/x.js"></script>', "intro.html: loads https://cdn/x.js from the network"),
        ('<link rel="stylesheet" href="//cdn/x.css">', "intro.html: loads //cdn/x.css from the network"),
    ],
)
def test_what_leads_nowhere_is_named(html, body, told):
    write_page(html, "intro", body)
    # the other page's link to the anchor that this one had is dead now, too
    assert told in link_problems(html)


@pytest.mark.parametrize(
    "body",
    [
        '<a href="https://example.org/x#y">x</a>',
        '<a href="mailto:a@b.c">x</a>',
        '<a href="ps8.html">x</a>',
        '<a name="old"></a><a href="#old">x</a>',
        '<img src="data:image/png;base64,AA==">',
        '<link rel="canonical" href="https://example.org/">',
    ],
)
def test_what_leads_somewhere_is_not(html, body):
    write_page(html, "intro", body)
    assert link_problems(html) == []


def test_an_anchor_that_the_feedback_links_to_is_missed(html):
    assert anchor_problems(html, "ps8", ["double"]) == []
    assert anchor_problems(html, "ps8", ["double", "swapped"]) == [
        "ps8.html: has no anchor swapped, to which the feedback links"
    ]
    assert len(anchor_problems(html, "gone", ["double"])) == 1


def test_a_figure_that_did_not_reach_its_page_is_counted(html):
    notebook = new_notebook(cells=[new_code_cell("draw()", outputs=[figure(), figure()])])
    assert figure_problems(html, {"ps8": notebook}) == ["ps8.html: 1 figures, but its notebook has 2"]
    notebook.cells[0].outputs.pop()
    assert figure_problems(html, {"ps8": notebook}) == []
    assert figure_problems(html, {"gone": notebook}) == ["gone.html: 0 figures, but its notebook has 1"]


@pytest.mark.parametrize(
    "body",
    [
        "<pre>{}</pre>".format("doubled_number = factor * x"),
        "<pre><span>doubled_number</span> <span>=</span> <span>factor</span> <span>*</span> <span>x</span></pre>",
        "<!-- doubled_number=factor*x -->",
        f'<img src="data:text/plain;base64,{base64.b64encode(b"doubled_number = factor * x").decode()}">',
    ],
)
def test_a_line_of_an_answer_is_found_however_it_is_written(html, body):
    write_page(html, "ps8", body)
    (told,) = leak_problems(html, [SECRET])
    assert told == "ps8.html:1: holds a line of answers/part.py:18: doubled_number = factor * x"


def test_a_line_of_an_answer_is_found_in_any_file(html):
    (html / "searchindex.js").write_text('Search.setIndex({"x": "doubled_number = factor * x"})')
    assert len(leak_problems(html, [SECRET])) == 1
